//! A wire to a server that fails as it is told to, request by request.
//!
//! It stands between a kiosk and a real server, speaks HTTP/1.1 with one request to a connection,
//! and does to each what a script says: nothing, or one of the [`Fault`]s that networks and
//! servers have.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Longest request that is carried, in bytes.
const LONGEST: usize = 1 << 20;
/// A page such as a server in trouble, or a box in between, answers with.
const PAGE: &str = "<!doctype html><html><body><h1>Server Error (500)</h1></body></html>";

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is answered as the server answers.
    None,
    /// The same, so much later.
    Latency(Duration),
    /// The connection is reset before the request has reached anybody.
    Reset,
    /// The server hears the request, and the answer is lost.
    AnswerLost,
    /// The sender is told that the connection is lost, and the request arrives all the same, so
    /// much later.
    Late(Duration),
    /// Half of the answer comes.
    HalfAnswer,
    /// Somebody in between answers with status 500 and a page.
    ServerError,
    /// Somebody answers with status 400 and a list of words.
    BareList,
    /// The answer comes byte by byte, so long after each other.
    Slow(Duration),
    /// Nothing comes, and the connection stays open.
    BlackHole,
}

type Script = Box<dyn FnMut(&str) -> Fault + Send>;

/// The wire. It ends with its value; what is late is not delivered then.
pub struct FaultyWire {
    address: SocketAddr,
    shared: Arc<Shared>,
    _connections: JoinSet<()>,
}

struct Shared {
    server: String,
    script: Mutex<Script>,
    /// Requests that are late.
    late: Mutex<JoinSet<()>>,
}

impl FaultyWire {
    /// A wire to the server at `http://HOST:PORT`, without faults.
    pub async fn to(server: &str) -> Result<Self> {
        let server = server.strip_prefix("http://").context("a server on this machine")?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            script: Mutex::new(Box::new(|_| Fault::None)),
            late: Mutex::default(),
        });
        let mut connections = JoinSet::new();
        let carried = Arc::clone(&shared);
        connections.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let carried = Arc::clone(&carried);
                // Whoever is cut off notices by itself.
                open.spawn(async move { carried.carry(near).await.unwrap_or_default() });
            }
        });
        Ok(Self { address, shared, _connections: connections })
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on each request is done to as `script` says, which is given its first line.
    pub fn fail(&self, script: impl FnMut(&str) -> Fault + Send + 'static) {
        *self.shared.script.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(script);
    }

    /// From now on nothing fails.
    pub fn heal(&self) {
        self.fail(|_| Fault::None);
    }

    /// Waits until every request that is late has arrived.
    pub async fn settle(&self) {
        let late = || {
            std::mem::take(&mut *self.shared.late.lock().unwrap_or_else(PoisonError::into_inner))
        };
        late().join_all().await;
    }
}

impl Shared {
    async fn carry(&self, mut near: TcpStream) -> Result<()> {
        let request = read_request(&mut near).await?;
        let line = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
        let fault = (self.script.lock().unwrap_or_else(PoisonError::into_inner))(&line);
        let server = self.server.clone();
        match fault {
            Fault::None => near.write_all(&ask(server, request).await?).await?,
            Fault::Latency(time) => {
                tokio::time::sleep(time).await;
                near.write_all(&ask(server, request).await?).await?;
            }
            Fault::Reset => near.set_zero_linger()?,
            Fault::AnswerLost => {
                ask(server, request).await?;
                near.set_zero_linger()?;
            }
            Fault::Late(time) => {
                near.set_zero_linger()?;
                self.late.lock().unwrap_or_else(PoisonError::into_inner).spawn(async move {
                    tokio::time::sleep(time).await;
                    ask(server, request).await.unwrap_or_default();
                });
            }
            Fault::HalfAnswer => {
                let answer = ask(server, request).await?;
                near.write_all(&answer[..answer.len() / 2]).await?;
            }
            Fault::ServerError => near.write_all(&answer(500, "text/html", PAGE)).await?,
            Fault::BareList => {
                let list = r#"["Something is wrong."]"#;
                near.write_all(&answer(400, "application/json", list)).await?;
            }
            Fault::Slow(pause) => {
                for byte in ask(server, request).await? {
                    near.write_all(&[byte]).await?;
                    tokio::time::sleep(pause).await;
                }
            }
            Fault::BlackHole => std::future::pending().await,
        }
        near.shutdown().await.ok();
        Ok(())
    }
}

/// Reads one request, and asks in it that the server close the connection afterwards.
async fn read_request(near: &mut TcpStream) -> Result<Vec<u8>> {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    let (head, body) = loop {
        if let Some(end) = request.windows(4).position(|w| w == b"\r\n\r\n") {
            break (end, end + 4);
        }
        match near.read(&mut piece).await? {
            0 => bail!("nothing was asked"),
            length => request.extend_from_slice(&piece[..length]),
        }
        if request.len() > LONGEST {
            bail!("the request is too long");
        }
    };
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(Ok(0), |length| length.trim().parse())?;
    while request.len() < body + length.min(LONGEST) {
        match near.read(&mut piece).await? {
            0 => bail!("the request broke off"),
            read => request.extend_from_slice(&piece[..read]),
        }
    }
    request.splice(head..head, *b"\r\nConnection: close");
    Ok(request)
}

/// Hands a request on, and reads the whole answer.
async fn ask(server: String, request: Vec<u8>) -> Result<Vec<u8>> {
    let mut far = TcpStream::connect(&server).await?;
    far.write_all(&request).await?;
    let mut answer = Vec::new();
    far.read_to_end(&mut answer).await?;
    Ok(answer)
}

fn answer(status: u16, content: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} No\r\nContent-Type: {content}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
