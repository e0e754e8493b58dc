//! Connecting the kiosk to the registration platform at its own screen.

use platform::RegistrationError;
use platform::pretix::{self, Account, Handshake, Place, Software};
use store::{StaffMember, Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use transport::{Origin, Settings, Transport, TransportError};
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::controller::{Controller, Input};
use crate::db::Db;
use crate::effects::failed;
use crate::registration::begin_roll;
use crate::rights::Action;
use crate::view::{PlatformAccount, PlatformList, PlatformPage, PlatformProblem};

/// What is done on the panel.
pub(crate) enum PlatformAct {
    /// Look at it.
    Look,
    /// Take the account that the organiser made.
    Connect {
        /// The QR code's text, or a token.
        text: Zeroizing<String>,
        /// Where a token alone belongs.
        address: Option<String>,
    },
    /// Ask for the check-in lists.
    Lists,
    /// Choose one.
    Choose {
        /// Short name of the event.
        event: String,
        /// Number of the list.
        list: u64,
    },
    /// Ask for a new key.
    Roll,
    /// Delete the account.
    Disconnect,
}

impl PlatformAct {
    /// True for what is more than a look.
    pub(crate) fn is_act(&self) -> bool {
        !matches!(self, Self::Look)
    }

    /// As the table of rights has it.
    pub(crate) fn action(&self) -> Action {
        match self {
            Self::Look => Action::SeeStatus,
            Self::Disconnect => Action::DisconnectPlatform,
            Self::Connect { .. } | Self::Lists | Self::Choose { .. } | Self::Roll => {
                Action::ConnectPlatform
            }
        }
    }

    /// Name of the command that asks for something to happen.
    pub(crate) fn name(&self) -> Option<&'static str> {
        match self {
            Self::Look | Self::Lists => None,
            Self::Connect { .. } => Some("platform_connect"),
            Self::Choose { .. } => Some("platform_choose"),
            Self::Roll => Some("platform_roll"),
            Self::Disconnect => Some("platform_disconnect"),
        }
    }
}

impl Controller {
    /// Does what is asked on the panel, beside the visits' own work, and answers with the page.
    pub(crate) fn at_platform_desk(&self, act: PlatformAct, reply: oneshot::Sender<PlatformPage>) {
        let (Some(db), Some(by)) = (self.db.clone(), self.signed_in()) else { return };
        let page = PlatformPage {
            account: None,
            locked: self.telling.locked,
            link: self.telling.link,
            waiting: self.telling.waiting,
            endpoints: self.config.network.allow.iter().map(ToString::to_string).collect(),
            lists: Vec::new(),
            connects: self.may(Action::ConnectPlatform),
            problem: None,
        };
        let desk = PlatformDesk {
            db,
            network: self.config.network.clone(),
            clock: self.clock.clone(),
            by,
            inputs: self.inputs.clone(),
        };
        tokio::spawn(async move {
            let done = desk.act(act).await;
            // What was done is to be seen, whatever went wrong with it.
            let account = desk.account().await.ok().flatten().as_ref().map(shown);
            let locked = desk.is_revoked().await.unwrap_or(page.locked);
            let (lists, problem) = match done {
                Ok(lists) => (lists, None),
                Err(problem) => (Vec::new(), Some(problem)),
            };
            reply.send(PlatformPage { account, locked, lists, problem, ..page }).ok();
        });
    }
}

/// What the panel needs of the kiosk.
struct PlatformDesk {
    db: Db,
    network: Settings,
    clock: Clock,
    by: StaffMember,
    inputs: mpsc::Sender<Input>,
}

type Done = Result<Vec<PlatformList>, PlatformProblem>;

impl PlatformDesk {
    async fn act(&self, act: PlatformAct) -> Done {
        match act {
            PlatformAct::Look => Ok(Vec::new()),
            PlatformAct::Connect { text, address } => self.connect(&text, address.as_deref()).await,
            PlatformAct::Lists => {
                let account = self.standing_account().await?;
                let places = self.places(&account).await?;
                Ok(places.into_iter().map(list).collect())
            }
            PlatformAct::Choose { event, list } => self.choose(&event, list).await,
            PlatformAct::Roll => self.roll().await,
            PlatformAct::Disconnect => self.disconnect().await,
        }
    }

    async fn connect(&self, text: &str, address: Option<&str>) -> Done {
        let Handshake { server, token } =
            Handshake::read(text, address).map_err(|_| PlatformProblem::Code)?;
        let allowed = Origin::of(&server).is_ok_and(|origin| self.network.allow.contains(&origin));
        if !allowed {
            return Err(PlatformProblem::NotAllowed { address: endpoint(&server) });
        }
        if self.account().await?.is_some() && !self.is_revoked().await? {
            return Err(PlatformProblem::Connected);
        }
        let (transport, now) = (self.transport()?, self.clock.now());
        let account = pretix::connect(&transport, &server, &token, Software::THIS, now).await;
        let account = account.map_err(|error| problem(&error))?;
        // The token is used up: the account is kept before anything else can go wrong.
        self.keep(&account).await?;
        let mut places = self.places(&account).await?;
        if places.len() == 1 {
            return self.check_in_to(account, places.remove(0)).await;
        }
        Ok(places.into_iter().map(list).collect())
    }

    async fn choose(&self, event: &str, list: u64) -> Done {
        let account = self.standing_account().await?;
        let places = self.places(&account).await?;
        let chosen = places.into_iter().find(|place| place.event == event && place.list == list);
        self.check_in_to(account, chosen.ok_or(PlatformProblem::NoList)?).await
    }

    async fn check_in_to(&self, mut account: Account, place: Place) -> Done {
        let list = account.list_id(&place).map_err(|_| PlatformProblem::NotUnderstood)?;
        if !self.stored(move |store| store.outbox_list(&list)).await? {
            return Err(PlatformProblem::Waits);
        }
        account.place = Some(place);
        self.keep(&account).await?;
        self.changed().await;
        Ok(Vec::new())
    }

    /// The new key comes to whoever tells the platform what happens: it must be the only one to
    /// use the old one meanwhile.
    async fn roll(&self) -> Done {
        self.standing_account().await?;
        let (by, now) = (self.by, self.clock.now());
        let begun = self.db.run(move |store| begin_roll(store, by.into(), now)).await;
        if !matches!(begun, Ok(Ok(()))) {
            return Err(PlatformProblem::NotKept);
        }
        self.changed().await;
        Ok(Vec::new())
    }

    async fn disconnect(&self) -> Done {
        let account = self.standing_account().await?;
        // The platform first: afterwards nothing here could tell it.
        let told = match self.transport() {
            Ok(transport) => pretix::revoke(&transport, &account).await.is_ok(),
            Err(_) => false,
        };
        let (by, now) = (self.by, self.clock.now());
        self.stored(move |store| store.disconnect_as(by.into(), now)).await?;
        self.changed().await;
        if told { Ok(Vec::new()) } else { Err(PlatformProblem::NotToldOfEnd) }
    }

    async fn places(&self, account: &Account) -> Result<Vec<Place>, PlatformProblem> {
        let places = pretix::places(&self.transport()?, account).await;
        places.map_err(|error| problem(&error))
    }

    fn transport(&self) -> Result<Transport, PlatformProblem> {
        Transport::new(&self.network).map_err(|_| PlatformProblem::Settings)
    }

    async fn account(&self) -> Result<Option<Account>, PlatformProblem> {
        let account = self.stored(|store| store.registration()).await?;
        let read = account.map(|account| Account::from_bytes(&account));
        read.transpose().map_err(|_| PlatformProblem::NotKept)
    }

    /// The account, unless the platform has revoked it.
    async fn standing_account(&self) -> Result<Account, PlatformProblem> {
        if self.is_revoked().await? {
            return Err(PlatformProblem::Revoked);
        }
        self.account().await?.ok_or(PlatformProblem::NotConnected)
    }

    async fn is_revoked(&self) -> Result<bool, PlatformProblem> {
        self.stored(|store| store.revoked_at().map(|at| at.is_some())).await
    }

    async fn keep(&self, account: &Account) -> Result<(), PlatformProblem> {
        let bytes = account.to_bytes().map_err(|_| PlatformProblem::NotKept)?;
        let (by, now) = (self.by, self.clock.now());
        self.stored(move |store| store.connect_as(&bytes, by.into(), now)).await
    }

    async fn changed(&self) {
        self.inputs.send(Input::AccountChanged).await.ok();
    }

    async fn stored<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, PlatformProblem> {
        match self.db.run(work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                self.inputs.send(failed("platform", &error)).await.ok();
                Err(PlatformProblem::NotKept)
            }
            Err(_) => Err(PlatformProblem::NotKept),
        }
    }
}

fn problem(error: &RegistrationError) -> PlatformProblem {
    tracing::info!("the registration platform: {error}");
    match error {
        RegistrationError::Token => PlatformProblem::Token,
        RegistrationError::Revoked => PlatformProblem::Revoked,
        RegistrationError::KeyUnknown => PlatformProblem::KeyUnknown,
        RegistrationError::Transport(
            TransportError::Connect(_) | TransportError::TimedOut | TransportError::Broken(_),
        )
        | RegistrationError::Busy => PlatformProblem::NoAnswer,
        _ => PlatformProblem::NotUnderstood,
    }
}

/// Scheme, host and port of an address that may be none of ours. A user or a query, which may hold a
/// secret, is not shown.
fn endpoint(server: &transport::Url) -> String {
    let port = server.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", server.scheme(), server.host_str().unwrap_or_default())
}

fn list(place: Place) -> PlatformList {
    PlatformList { event: place.event, list: place.list, name: place.list_name }
}

fn shown(account: &Account) -> PlatformAccount {
    PlatformAccount {
        server: account.origin().map(|origin| origin.to_string()).unwrap_or_default(),
        organiser: account.organizer.clone(),
        name: account.name.clone(),
        list: account.place.as_ref().map(|place| format!("{} · {}", place.event, place.list_name)),
        key_since: account.key_since.map(|since| since.strftime("%Y-%m-%d").to_string()),
        rolling: account.is_rolling(),
    }
}
