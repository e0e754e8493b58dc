//! The closed lists. The words for people are in `assets/locales`.

/// A closed list whose entries are written as words.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All of them, in the order in which they are offered.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is written.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one of that word.
            pub fn read(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}

words! {
    /// What has happened.
    Kind {
        /// The kiosk, or a part with data, was lost or stolen.
        DeviceLost = "device_lost",
        /// The disk was replaced, and nobody knows by whom or why.
        DiskReplaced = "disk_replaced",
        /// Somebody was at the kiosk's data or accounts who may not.
        UnauthorisedAccess = "unauthorised_access",
        /// The audit log is not what was written.
        LogAltered = "log_altered",
        /// A bystander saw a visitor's name or photo.
        ShownToBystander = "shown_to_bystander",
        /// Evidence, or something that was exported, went to the wrong place.
        SentAstray = "sent_astray",
        /// Something else.
        Other = "other",
    }
}

words! {
    /// What was done about it.
    Measure {
        /// The kiosk was taken out of service.
        OutOfService = "out_of_service",
        /// The kiosk or the disk is back and locked away.
        Secured = "secured",
        /// PINs were changed, or accounts deleted.
        AccountsChanged = "accounts_changed",
        /// The kiosk's account at the registration platform was revoked.
        PlatformRevoked = "platform_revoked",
        /// The audit log and its signed heads were checked and kept.
        LogKept = "log_kept",
        /// Whoever received it by mistake was asked to delete it.
        DeletionAsked = "deletion_asked",
        /// The data-protection officer was told.
        OfficerTold = "officer_told",
        /// The police or the authority was told.
        AuthorityTold = "authority_told",
    }
}

words! {
    /// What those concerned are advised.
    Advice {
        /// Nothing needs to be done: what was taken cannot be read.
        NothingToDo = "nothing_to_do",
        /// Keep the badge safe, and show its code to nobody.
        KeepBadge = "keep_badge",
        /// Have the badge exchanged at the service desk.
        ExchangeBadge = "exchange_badge",
        /// Distrust calls and messages that claim to come from the organiser.
        BewareOfCalls = "beware_of_calls",
        /// Ask what concerns you, and have it corrected or deleted.
        UseYourRights = "use_your_rights",
        /// Complain to the authority, or go to court.
        Complain = "complain",
    }
}

impl Kind {
    /// True where sensitive personal information may be with somebody who may not have it: then
    /// the incident is major by its kind. Photos and names here are sealed, but whether a seal held
    /// is found out later than the deadline allows.
    pub fn is_major(self) -> bool {
        match self {
            Self::DeviceLost
            | Self::DiskReplaced
            | Self::UnauthorisedAccess
            | Self::LogAltered
            | Self::SentAstray => true,
            Self::ShownToBystander | Self::Other => false,
        }
    }
}
