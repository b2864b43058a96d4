//! Businesses that nobody tunes the pipeline on, so that the score board shows what holds beyond the others.
//!
//! Whoever works on learning, linking or fusing reads neither these files nor a world made of them, only their counts.

pub mod camp;
pub mod clinic;
pub mod escape;
pub mod guesthouse;
pub mod salon;

#[cfg(test)]
mod tests {
    use crate::simulate::{Kind, Options, simulate};
    use serde_json::Value;

    #[test]
    fn an_invoice_and_its_charge_name_each_other_and_the_charge_tells_no_more() {
        let world = simulate(&Options {
            bookings: 60,
            ..Options::new(Kind::Camp)
        });
        let list = |name: &str| -> Vec<Value> {
            let page: Value = serde_json::from_slice(&world.files[&format!("stripe/{name}.json")]).unwrap();
            page["data"].as_array().unwrap().clone()
        };
        let charges = list("charges");
        let invoices = list("invoices");
        assert!(invoices.len() > 30, "{}", invoices.len());
        for invoice in invoices {
            let charge = charges
                .iter()
                .find(|charge| charge["id"] == invoice["charge"])
                .unwrap();
            assert_eq!(charge["invoice"], invoice["id"]);
            assert_eq!(charge["payment_intent"], invoice["payment_intent"]);
            assert_eq!(charge["amount"], invoice["amount_paid"]);
            assert!(charge["metadata"].as_object().unwrap().is_empty());
            // Stripe takes amounts of three decimals only where the last is zero.
            assert_eq!(charge["amount"].as_i64().unwrap() % 10, 0);
        }
    }
}
