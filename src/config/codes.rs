//! Codes that a configuration can name, and the nearest one to what was typed.

use chrono_tz::TZ_VARIANTS;

/// ISO 4217, in the lower case that Stripe uses.
const CURRENCIES: &str = "aed afn all amd aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd \
    cad cdf chf clp cny cop crc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip \
    gmd gnf gtq gyd hkd hnl htg huf idr ils inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw kwd \
    kyd kzt lak lbp lkr lrd lsl lyd mad mdl mga mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn \
    nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sdg sek sgd shp \
    sle sos srd ssp stn svc syp szl thb tjs tmt tnd top try ttd twd tzs uah ugx usd uyu uzs ves vnd \
    vuv wst xaf xcd xcg xof xpf yer zar zmw zwg";

/// ISO 3166-1 alpha-2.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM \
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO \
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The known word nearest to what was typed, if any is near.
pub(crate) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = typed.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::osa_distance(&folded, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= (word.chars().count() / 3).max(1))
        .min()
        .map(|(_, word)| word)
}

pub(super) fn is_currency(code: &str) -> bool {
    CURRENCIES
        .split(' ')
        .any(|known| known.eq_ignore_ascii_case(code))
}

pub(super) fn is_country(code: &str) -> bool {
    COUNTRIES.split(' ').any(|known| known.eq_ignore_ascii_case(code))
}

/// The zone whose name or city is nearest: `Denver`, `america/denver` and `America/Denvr` find America/Denver.
pub(super) fn nearest_zone(typed: &str) -> Option<&'static str> {
    let folded = typed.trim().to_lowercase().replace(' ', "_");
    TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .find(|name| {
            let name = name.to_lowercase();
            name == folded || name.rsplit('/').next() == Some(folded.as_str())
        })
        .or_else(|| nearest(&folded, TZ_VARIANTS.iter().map(|zone| zone.name())))
}
