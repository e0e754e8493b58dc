//! One connection to the broker, from its beginning to its end.
//!
//! A connection that ends is not mended: whoever has it opens another, and says again what was not
//! acknowledged.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    ConnectReturnCode, DisconnectReasonCode, Filter, LastWill, LastWillProperties, Packet,
    PubAckReason, PublishProperties, SubscribeReasonCode,
};
use rumqttc::v5::{AsyncClient, ConnectionError, Event as Client, EventLoop, MqttOptions};
use rumqttc::{NetworkOptions, Outgoing, TlsConfiguration, Transport};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use transport::Origin;

use crate::message::{LONGEST, Sealed};
use crate::{Account, BadgeHash, RelayError, Settings, Unreadable};

/// How often the broker is asked whether it is there. It ends a connection after one and a half.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// Longest packet that the broker may send: the longest message, its topic, and a little more. The
/// broker drops what is longer (MQTT 5, 3.1.2.11.4).
const PACKET: u32 = LONGEST as u32 + 512;
/// Messages that may wait to be sent.
const REQUESTS: usize = 64;
/// Announcements that may wait for the broker's word.
const IN_FLIGHT: usize = 32;
/// What came and was not looked at yet.
const INBOX: usize = 256;

/// What comes over a connection.
#[derive(Debug)]
pub enum Event {
    /// The broker has taken the subscriptions: what it kept comes now.
    Subscribed,
    /// A message. Nothing of it is checked yet: see [`VenueKey::open`](crate::VenueKey::open).
    Heard {
        /// Its topic.
        topic: String,
        /// Its bytes.
        payload: Vec<u8>,
        /// The broker had it from before.
        kept: bool,
    },
    /// The broker has taken an announcement and keeps it.
    Taken(BadgeHash),
}

/// An open connection. It ends when dropped, and the broker tells the others.
pub struct Connection {
    client: AsyncClient,
    wire: mpsc::Receiver<Result<Wire, RelayError>>,
    /// Sent, without a number yet.
    sent: VecDeque<Option<BadgeHash>>,
    /// With a number, not acknowledged yet.
    numbered: HashMap<u16, Option<BadgeHash>>,
    /// How the connection ended, while what came before is not looked at yet.
    ended: Option<RelayError>,
    polling: AbortHandle,
}

/// What the client's loop says, as far as it matters.
enum Wire {
    Subscribed,
    Heard { topic: String, payload: Vec<u8>, kept: bool },
    Numbered(u16),
    Acknowledged(u16, bool),
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

impl Connection {
    /// Connects, and asks for everything that the kiosks of the venue say. `will`: what the broker
    /// tells the others when this connection has ended.
    pub fn open(
        settings: &Settings,
        allow: &[Origin],
        account: &Account,
        will: &Sealed,
    ) -> Result<Self, RelayError> {
        let (host, port) = settings.address(allow)?;
        let tls = settings.tls()?;
        let key = account.venue_key().map_err(|Unreadable| RelayError::Credentials)?;
        // A second kiosk of this name takes the first one's place, and both are told.
        let id = format!("postern-{}-{}", key.venue(), account.kiosk);
        let mut options = MqttOptions::new(id, host, port);
        options
            .set_transport(Transport::Tls(TlsConfiguration::Rustls(tls)))
            .set_credentials(account.kiosk.as_str(), account.password.as_str())
            .set_keep_alive(KEEP_ALIVE)
            .set_clean_start(true)
            .set_max_packet_size(Some(PACKET))
            .set_outgoing_inflight_upper_limit(IN_FLIGHT as u16 * 2)
            .set_last_will(last_will(will));
        let mut network = NetworkOptions::new();
        // A small message that waits for another one is late by 40 ms.
        network.set_tcp_nodelay(true);
        options.set_network_options(network);
        let (client, events) = AsyncClient::new(options, REQUESTS);
        let venue = key.venue();
        let filters = [venue.all_badges(), venue.all_kiosks()]
            .map(|path| Filter::new(path, QoS::AtLeastOnce));
        client.try_subscribe_many(filters).map_err(|_| RelayError::Full)?;
        let (out, wire) = mpsc::channel(INBOX);
        let polling = tokio::spawn(poll(events, out)).abort_handle();
        let (sent, numbered) = (VecDeque::new(), HashMap::new());
        Ok(Self { client, wire, sent, numbered, ended: None, polling })
    }

    /// How many more announcements may be handed over now.
    pub fn room(&self) -> usize {
        IN_FLIGHT.saturating_sub(self.sent.len() + self.numbered.len())
    }

    /// Hands over an announcement, or its withdrawal; [`Event::Taken`] follows.
    pub fn announce(&mut self, badge: BadgeHash, said: Sealed) -> Result<(), RelayError> {
        self.publish(said, QoS::AtLeastOnce)?;
        self.sent.push_back(Some(badge));
        Ok(())
    }

    /// Says how this kiosk is. The first word of a connection comes back after all that the broker
    /// had kept, so it is sent as carefully as an announcement.
    pub fn beat(&mut self, said: Sealed, first: bool) -> Result<(), RelayError> {
        if !first {
            return self.publish(said, QoS::AtMostOnce);
        }
        self.publish(said, QoS::AtLeastOnce)?;
        self.sent.push_back(None);
        Ok(())
    }

    /// Waits for what comes next, and takes what is there with it. An error is the end of the
    /// connection. What is given up while it waits loses nothing.
    pub async fn next(&mut self) -> Result<Vec<Event>, RelayError> {
        if let Some(error) = self.ended.take() {
            return Err(error);
        }
        let mut come = Vec::new();
        if self.wire.recv_many(&mut come, INBOX).await == 0 {
            return Err(RelayError::Broken);
        }
        let mut events = Vec::with_capacity(come.len());
        for wire in come {
            match wire {
                Ok(Wire::Subscribed) => events.push(Event::Subscribed),
                Ok(Wire::Heard { topic, payload, kept }) => {
                    events.push(Event::Heard { topic, payload, kept });
                }
                Ok(Wire::Numbered(number)) => {
                    let badge = self.sent.pop_front().flatten();
                    self.numbered.insert(number, badge);
                }
                Ok(Wire::Acknowledged(number, true)) => {
                    let badge = self.numbered.remove(&number).flatten();
                    events.extend(badge.map(Event::Taken));
                }
                Ok(Wire::Acknowledged(_, false)) => self.ended = Some(RelayError::Forbidden),
                Err(error) => self.ended = Some(error),
            }
            if self.ended.is_some() {
                break;
            }
        }
        match self.ended.take() {
            Some(error) if events.is_empty() => Err(error),
            ended => {
                self.ended = ended;
                Ok(events)
            }
        }
    }

    fn publish(&self, said: Sealed, qos: QoS) -> Result<(), RelayError> {
        let Sealed { topic, payload, expiry } = said;
        let properties = PublishProperties {
            message_expiry_interval: (expiry > 0).then_some(expiry),
            ..PublishProperties::default()
        };
        self.client
            .try_publish_with_properties(topic, qos, true, payload, properties)
            .map_err(|_| RelayError::Full)
    }
}

fn last_will(will: &Sealed) -> LastWill {
    let properties = LastWillProperties {
        delay_interval: None,
        payload_format_indicator: None,
        message_expiry_interval: Some(will.expiry),
        content_type: None,
        response_topic: None,
        correlation_data: None,
        user_properties: Vec::new(),
    };
    let (topic, payload) = (will.topic.clone(), will.payload.clone());
    LastWill::new(topic, payload, QoS::AtLeastOnce, true, Some(properties))
}

/// Drives the client until its connection ends. A task of its own, for a poll that is given up in
/// the middle may lose what it was sending.
async fn poll(mut events: EventLoop, out: mpsc::Sender<Result<Wire, RelayError>>) {
    loop {
        let (come, ended) = match events.poll().await {
            Ok(event) => (vec![event], None),
            // What came with the end says why: the client keeps it back.
            Err(error) => (events.state.events.drain(..).collect(), Some(reason(&error))),
        };
        let come = come.into_iter().filter_map(wire).chain(ended.map(Err));
        for wire in come {
            let ended = wire.is_err();
            if out.send(wire).await.is_err() || ended {
                return;
            }
        }
    }
}

/// What matters of what the client says.
fn wire(event: Client) -> Option<Result<Wire, RelayError>> {
    Some(match event {
        Client::Outgoing(Outgoing::Publish(number)) if number != 0 => Ok(Wire::Numbered(number)),
        Client::Incoming(Packet::Publish(message)) => Ok(Wire::Heard {
            topic: String::from_utf8_lossy(&message.topic).into_owned(),
            payload: message.payload.to_vec(),
            kept: message.retain,
        }),
        Client::Incoming(Packet::PubAck(ack)) => {
            let taken =
                matches!(ack.reason, PubAckReason::Success | PubAckReason::NoMatchingSubscribers);
            Ok(Wire::Acknowledged(ack.pkid, taken))
        }
        Client::Incoming(Packet::SubAck(ack)) => {
            let granted = |code: &SubscribeReasonCode| {
                matches!(code, SubscribeReasonCode::Success(QoS::AtLeastOnce))
            };
            let all = ack.return_codes.iter().all(granted);
            if all { Ok(Wire::Subscribed) } else { Err(RelayError::Forbidden) }
        }
        Client::Incoming(Packet::Disconnect(end)) => Err(match end.reason_code {
            DisconnectReasonCode::SessionTakenOver => RelayError::NameTaken,
            DisconnectReasonCode::NotAuthorized => RelayError::Forbidden,
            _ => RelayError::Broken,
        }),
        _ => return None,
    })
}

/// Why a connection ended, without the client's own words: they may quote what was sent.
fn reason(error: &ConnectionError) -> RelayError {
    use ConnectReturnCode as Code;
    match error {
        ConnectionError::Tls(_) => RelayError::Certificate,
        ConnectionError::Io(_) | ConnectionError::Timeout(_) => RelayError::Unreachable,
        ConnectionError::ConnectionRefused(
            Code::BadUserNamePassword | Code::NotAuthorized | Code::Banned,
        ) => RelayError::Credentials,
        ConnectionError::ConnectionRefused(_) | ConnectionError::NotConnAck(_) => {
            RelayError::Refused
        }
        ConnectionError::MqttState(_) | ConnectionError::RequestsDone => RelayError::Broken,
    }
}
