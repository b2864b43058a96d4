"""Links tables of people with Splink: with_splink.py PLAN.csv OUT.csv TABLE.csv [SECOND.csv]

The same columns and the same keys as the plan gives to the core, the same normal form (lower case, no accents). What else is set
is what was found best on these tables: term frequencies on names and whatever is shared by many, given name and surname compared
together, the light comparison of e-mails (the stock one takes six times as long for no higher F1), u from random pairs with a cap,
m by expectation maximisation on two keys that people of one household do not share.
"""

import sys

import duckdb
import splink.comparison_library as cl
import splink.comparison_level_library as cll
from splink import DuckDBAPI, Linker, SettingsCreator, block_on


def comparisons(kinds):
    """One comparison a column; a swap makes one of two."""
    out = []
    for name, kind in kinds["column"].items():
        if any(name in group for group in kinds["swap"] + kinds["once"]):
            continue
        if kind == "name":
            out.append(cl.JaroWinklerAtThresholds(name, [0.92, 0.8]).configure(term_frequency_adjustments=True))
        elif kind == "date":
            out.append(cl.DamerauLevenshteinAtThresholds(name, [1, 2]))
        elif kind == "email":
            out.append(
                cl.CustomComparison(
                    output_column_name=name,
                    comparison_levels=[
                        cll.NullLevel(name),
                        cll.ExactMatchLevel(name, term_frequency_adjustments=True),
                        cll.DamerauLevenshteinLevel(name, 1),
                        cll.ExactMatchLevel(f"{name}_local"),
                        cll.ElseLevel(),
                    ],
                )
            )
        else:
            out.append(cl.DamerauLevenshteinAtThresholds(name, [1]).configure(term_frequency_adjustments=True))
    for first, *rest in kinds["once"]:
        # One observation, as the core has it: the street, or at least the town.
        agree = " OR ".join(f'"{name}_l" = "{name}_r"' for name in rest)
        out.append(
            cl.CustomComparison(
                output_column_name=first,
                comparison_levels=[
                    cll.NullLevel(first),
                    cll.ExactMatchLevel(first, term_frequency_adjustments=True),
                    cll.JaroWinklerLevel(first, 0.92),
                    cll.CustomLevel(agree, "the rest agrees"),
                    cll.ElseLevel(),
                ],
            )
        )
    for one, other in kinds["swap"]:
        out.append(cl.ForenameSurnameComparison(one, other, forename_surname_concat_col_name=f"{one}_{other}"))
    return out


def read(plan):
    kinds = {"column": {}, "block": [], "swap": [], "once": []}
    for line in open(plan):
        word, *rest = line.strip().split(",")
        if word == "column":
            kinds["column"][rest[0]] = rest[1]
        else:
            kinds[word].append(rest)
    return kinds


def table(connection, name, path, kinds):
    cells = []
    for column, kind in kinds["column"].items():
        plain = f"nullif(trim(strip_accents(lower({column}))), '')"
        if kind in ("date", "phone", "code"):
            plain = f"nullif(regexp_replace({plain}, '[^a-z0-9]', '', 'g'), '')"
        if kind == "phone":
            plain = f"right({plain}, 8)"
        cells.append(f"{plain} AS {column}")
        if kind == "email":
            cells.append(f"regexp_extract({plain}, '^[^@]+') AS {column}_local")
    for one, other in kinds["swap"]:
        plain = f"strip_accents(lower({one})) || ' ' || strip_accents(lower({other}))"
        cells.append(f"{plain} AS {one}_{other}")
    connection.execute(
        f"CREATE TABLE {name} AS SELECT row_number() OVER () - 1 AS unique_id, {', '.join(cells)} "
        f"FROM read_csv('{path}', header=true, all_varchar=true, parallel=false)"
    )


def main(plan, out, *paths):
    kinds = read(plan)
    connection = duckdb.connect()
    names = ["table_a", "table_b"][: len(paths)]
    for name, path in zip(names, paths):
        table(connection, name, path, kinds)
    api = DuckDBAPI(connection=connection)
    frames = [api.register(name) for name in names]
    rules = [block_on(*key) for key in kinds["block"]]
    settings = SettingsCreator(
        link_type="link_only" if len(paths) == 2 else "dedupe_only",
        comparisons=comparisons(kinds),
        blocking_rules_to_generate_predictions=rules,
    )
    linker = Linker(frames if len(frames) > 1 else frames[0], settings)
    train = linker.training
    train.estimate_probability_two_random_records_match(rules[:3], recall=0.8)
    train.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    # Keys of two columns: pairs that share an e-mail or a street are often people of one household, of which it makes matches.
    double = [key for key in kinds["block"] if len(key) == 2]
    for key in double[1:3] if len(double) > 2 else kinds["block"]:
        train.estimate_parameters_using_expectation_maximisation(block_on(*key), max_pairs=1e6)
    found = linker.inference.predict(threshold_match_weight=-10)
    columns = "unique_id_l AS a, unique_id_r AS b, match_weight AS bits, NULL AS margin"
    connection.execute(
        f"COPY (SELECT {columns} FROM {found.physical_name}) TO '{out}' (HEADER)"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
