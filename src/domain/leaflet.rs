//! The leaflets (S1.05): for whom, in which languages, in which version. Their content is in
//! `templates/letters/leaflets`; a change of content is a new version.

use super::stage::words;

/// The version that is given now. Steps say which version was given.
pub const LEAFLET_VERSION: &str = "2026-11";

words! {
    /// A language of the leaflets. All but English are drafts until a qualified person has checked them.
    Language {
        /// English.
        English = "en", "English";
        /// Polish.
        Polish = "pl", "Polish";
        /// Romanian.
        Romanian = "ro", "Romanian";
        /// Somali.
        Somali = "so", "Somali";
        /// Arabic, written from right to left.
        Arabic = "ar", "Arabic";
    }
}

impl Language {
    /// Its own name for itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Polish => "Polski",
            Self::Romanian => "Română",
            Self::Somali => "Af-Soomaali",
            Self::Arabic => "العربية",
        }
    }

    /// The direction it is written in, as HTML says it.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            Self::English | Self::Polish | Self::Romanian | Self::Somali => "ltr",
        }
    }

    /// A translated draft, to be checked by a qualified person before use.
    pub const fn draft(self) -> bool {
        match self {
            Self::English => false,
            Self::Polish | Self::Romanian | Self::Somali | Self::Arabic => true,
        }
    }

    /// The same warning in the language itself, for a draft.
    pub const fn draft_words(self) -> &'static str {
        match self {
            Self::English => "",
            Self::Polish => "Tłumaczenie robocze. Przed użyciem musi je sprawdzić wykwalifikowana osoba.",
            Self::Romanian => {
                "Traducere provizorie. Trebuie verificată de o persoană calificată înainte de folosire."
            }
            Self::Somali => {
                "Turjumaad qabyo ah. Qof aqoon u leh waa inuu hubiyaa ka hor inta aan la isticmaalin."
            }
            Self::Arabic => "ترجمة أولية. يجب أن يراجعها شخص مؤهل قبل استخدامها.",
        }
    }

    /// How to get a letter in this language, for the foot of every letter.
    pub const fn ask_words(self) -> &'static str {
        match self {
            Self::English => {
                "If you need this in another language, in large print or by telephone, call the school."
            }
            Self::Polish => {
                "Jeśli potrzebują Państwo tego listu w innym języku, dużym drukiem lub przez telefon, prosimy zadzwonić do szkoły."
            }
            Self::Romanian => {
                "Dacă aveți nevoie de această scrisoare în altă limbă, cu litere mari sau prin telefon, sunați la școală."
            }
            Self::Somali => {
                "Haddii aad warqaddan ugu baahan tahay luqad kale, far waaweyn ama telefoon, wac dugsiga."
            }
            Self::Arabic => "إذا احتجت إلى هذه الرسالة بلغة أخرى أو بخط كبير أو عبر الهاتف، فاتصل بالمدرسة.",
        }
    }
}
