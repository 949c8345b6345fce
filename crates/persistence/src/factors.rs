//! Proved factors as text: one code for the columns `sessions.factors` and `auth_sessions.factors`.
//!
//! A factor goes by its name, because the `amr` value does not tell a TOTP from an HOTP. The password goes by its `amr` value
//! `pwd`: the first version wrote `amr` values, and its rows are read, and those it can know are written, as they were.

use domain::factor::{FactorType, Proved};
use domain::time::Timestamp;
use sea_orm::DbErr;

use crate::row::unreadable;

const SEPARATOR: char = ' ';

pub(crate) fn text(proved: &Proved) -> String {
    let words: Vec<&str> = proved.factors().iter().map(|factor| word(*factor)).collect();
    words.join(&SEPARATOR.to_string())
}

pub(crate) fn proved(column: &'static str, text: &str, at: i64) -> Result<Proved, DbErr> {
    let read = |word| {
        FactorType::from_name(word)
            .or_else(|| FactorType::from_amr(word))
            .ok_or_else(|| unreadable(column))
    };
    let words = text.split(SEPARATOR).filter(|word| !word.is_empty());
    let factors = words.map(read).collect::<Result<_, _>>()?;
    Ok(Proved::new(factors, Timestamp::from_micros(at)))
}

const fn word(factor: FactorType) -> &'static str {
    match factor {
        FactorType::Password => factor.amr(),
        FactorType::SecretKey | FactorType::RecoveryCode | FactorType::Totp | FactorType::Hotp => factor.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_234_567;

    #[test]
    fn every_factor_is_read_as_it_was_written() {
        for factor in FactorType::ALL {
            let one = Proved::new(vec![factor], Timestamp::from_micros(AT));
            assert_eq!(proved("factors", &text(&one), AT).unwrap(), one);
        }
        let all = Proved::new(FactorType::ALL.to_vec(), Timestamp::from_micros(AT));
        assert_eq!(text(&all), "pwd secret_key recovery_code totp hotp");
        assert_eq!(proved("factors", &text(&all), AT).unwrap(), all);
    }

    #[test]
    fn rows_of_the_first_version_are_read_and_nothing_unknown_is() {
        let old = proved("factors", "pwd secret_key", AT).unwrap();
        assert_eq!(old.factors(), [FactorType::Password, FactorType::SecretKey]);
        assert!(proved("factors", "", AT).unwrap().factors().is_empty());
        assert!(proved("factors", "pwd swk", AT).is_err());
    }
}
