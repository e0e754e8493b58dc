//! What the kiosk knows of one ticket, for the rules.

use jiff::Timestamp;

/// One ticket of the platform, as far as a rule asks for it. Validity and blocks belong to the
/// badge, whichever way the roster came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Number of the product.
    pub item: i64,
    /// Number of the product's variation, if it has variations.
    pub variation: Option<i64>,
    /// Number of the date in a series of events.
    pub subevent: Option<i64>,
    /// How far the order is.
    pub order: OrderState,
    /// Numbers of the questions that have an answer already.
    pub answered: Vec<i64>,
    /// The last scan at this check-in list that the platform told of, of another kiosk or this one.
    pub scanned: Option<Scanned>,
}

/// How far an order is. Cancelled and expired ones are not here: they are gone (C35).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Paid.
    Paid,
    /// Not paid, and valid all the same.
    ValidPending,
    /// Not paid.
    Pending,
    /// The organiser has not approved it.
    Unapproved,
}

impl OrderState {
    const ALL: [Self; 4] = [Self::Paid, Self::ValidPending, Self::Pending, Self::Unapproved];

    /// The word under which it is kept.
    pub fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::ValidPending => "valid_pending",
            Self::Pending => "pending",
            Self::Unapproved => "unapproved",
        }
    }

    /// The state of a word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Where a badge is, by the scans of a check-in list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// The last scan was an entry.
    Inside(Timestamp),
    /// There was an entry, and the last scan is an exit.
    Left(Timestamp),
}

impl Scanned {
    /// When the last scan was.
    pub fn at(self) -> Timestamp {
        match self {
            Self::Inside(at) | Self::Left(at) => at,
        }
    }
}
