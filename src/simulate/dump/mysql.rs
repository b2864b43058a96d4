//! A dump as `mysqldump` writes it, with rows of many values.

use super::{Rows, may_be_null, points_to, row_values};
use crate::simulate::business::{Business, Holds, MoneyColumn, TimeColumn};
use std::fmt::Write;

pub fn print(dump: &mut String, business: &Business, tables: &[Rows]) -> std::fmt::Result {
    dump.push_str(
        "-- MySQL dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Host: localhost\n\n\
         /*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!40101 SET NAMES utf8mb4 */;\n\
         /*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n\
         /*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;\n\
         /*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n\n",
    );
    // mysqldump writes tables by name.
    let mut tables: Vec<&Rows> = tables.iter().collect();
    tables.sort_by_key(|rows| &rows.table.name);
    for rows in tables {
        let table = rows.table;
        writeln!(
            dump,
            "--\n-- Table structure for table `{0}`\n--\n\nDROP TABLE IF EXISTS `{0}`;",
            table.name
        )?;
        writeln!(
            dump,
            "/*!40101 SET @saved_cs_client     = @@character_set_client */;\n/*!40101 SET character_set_client = utf8 */;"
        )?;
        let key = if rows.serial {
            "int(10) unsigned NOT NULL AUTO_INCREMENT"
        } else {
            "char(36) NOT NULL"
        };
        writeln!(dump, "CREATE TABLE `{}` (", table.name)?;
        if let Some(own) = table.own_key() {
            writeln!(dump, "  `{own}` {key},")?;
        }
        for column in &table.columns {
            let null = if may_be_null(&column.holds) {
                "DEFAULT NULL"
            } else {
                "NOT NULL"
            };
            writeln!(
                dump,
                "  `{}` {} {null},",
                column.name,
                mysql_type(business, &column.holds)
            )?;
        }
        let mut keys = vec![format!("  PRIMARY KEY (`{}`)", table.key_columns().join("`,`"))];
        if let Some(own) = table.own_key().filter(|_| table.has_composite_key()) {
            keys.push(format!("  UNIQUE KEY `{}_{own}` (`{own}`)", table.name));
        }
        for column in &table.columns {
            let name = &column.name;
            if rows.is_unique(&column.holds) {
                keys.push(format!("  UNIQUE KEY `{}_{name}` (`{name}`)", table.name));
            }
            if let Some((other, other_key)) = points_to(business, column) {
                keys.push(format!("  KEY `{}_{name}` (`{name}`)", table.name));
                keys.push(format!(
                    "  CONSTRAINT `{}_{name}_fk` FOREIGN KEY (`{name}`) REFERENCES `{}` (`{}`)",
                    table.name, other.name, other_key
                ));
            }
        }
        let next = if rows.serial {
            format!(" AUTO_INCREMENT={}", rows.cells.len() + 1)
        } else {
            String::new()
        };
        writeln!(
            dump,
            "{}\n) ENGINE=InnoDB{next} DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;",
            keys.join(",\n")
        )?;
        writeln!(
            dump,
            "/*!40101 SET character_set_client = @saved_cs_client */;\n\n--\n-- Dumping data for table `{0}`\n--\n\nLOCK TABLES `{0}` WRITE;",
            table.name
        )?;
        writeln!(dump, "/*!40000 ALTER TABLE `{}` DISABLE KEYS */;", table.name)?;
        for chunk in rows.cells.chunks(200) {
            let values: Vec<String> = chunk
                .iter()
                .map(|row| format!("({})", row_values(row, mysql_text)))
                .collect();
            writeln!(dump, "INSERT INTO `{}` VALUES {};", table.name, values.join(","))?;
        }
        writeln!(
            dump,
            "/*!40000 ALTER TABLE `{}` ENABLE KEYS */;\nUNLOCK TABLES;\n",
            table.name
        )?;
    }
    dump.push_str(
        "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n\
         /*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;\n-- Dump completed\n",
    );
    Ok(())
}

fn mysql_type(business: &Business, holds: &Holds) -> String {
    let time = |time: &TimeColumn| match time {
        TimeColumn::Date => "date".to_owned(),
        TimeColumn::Epoch => "bigint(20)".to_owned(),
        _ => "datetime".to_owned(),
    };
    let money = |money: &MoneyColumn| match money {
        MoneyColumn::Minor => "int(11)".to_owned(),
        MoneyColumn::Major => format!("decimal(12,{})", business.currency.decimals),
    };
    match holds {
        Holds::Customer | Holds::Booking if business.schema.uuids => "char(36)".to_owned(),
        Holds::Customer | Holds::Booking | Holds::Resource | Holds::Tenant => "int(10) unsigned".to_owned(),
        Holds::StartsAt(at) | Holds::EndsAt(at) | Holds::CreatedAt(at) | Holds::PaidAt(at) => time(at),
        Holds::Total(kind) | Holds::Amount(kind) | Holds::Refunded(kind) | Holds::Rate(kind) => money(kind),
        Holds::Status => {
            let words: Vec<String> = business
                .schema
                .statuses
                .iter()
                .map(|word| mysql_text(word))
                .collect();
            format!("enum({})", words.join(","))
        }
        Holds::Currency => "char(3)".to_owned(),
        Holds::Phone | Holds::Code | Holds::Reference => "varchar(40)".to_owned(),
        _ => "varchar(190)".to_owned(),
    }
}

fn mysql_text(text: &str) -> String {
    format!(
        "'{}'",
        text.replace('\\', "\\\\")
            .replace('\'', "\\'")
            .replace('\n', "\\n")
    )
}
