//! Requests to servers of this test, over real sockets.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use transport::{Answer, Call, Request, Settings, Transport, TransportError, Url};
use zeroize::Zeroizing;

/// A server that answers every request alike and tells what it was sent.
struct Server {
    address: SocketAddr,
    heard: UnboundedReceiver<String>,
}

/// How an answer is written.
#[derive(Clone)]
enum Reply {
    /// All at once.
    Whole(Vec<u8>),
    /// One byte a tenth of a second.
    Slowly(Vec<u8>),
    /// Nothing more; the connection stays open.
    Nothing(Vec<u8>),
    /// A first line, and headers without end.
    Headers,
}

impl Server {
    async fn start(reply: Reply, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, heard) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (reply, tell, tls) = (reply.clone(), tell.clone(), tls.clone());
                tell.send("connected".to_owned()).ok();
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, reply, tell).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, reply, tell).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, heard }
    }

    async fn answering(answer: &str) -> Self {
        Self::start(Reply::Whole(answer.as_bytes().to_vec()), None).await
    }

    fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    /// Allows this server alone.
    fn transport(&self) -> Transport {
        allowing(&format!("http://{}", self.address))
    }

    fn said(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    reply: Reply,
    tell: tokio::sync::mpsc::UnboundedSender<String>,
) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|w| w == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(n) => request.extend_from_slice(&buffer[..n]),
        }
    }
    tell.send(String::from_utf8_lossy(&request).into_owned()).ok();
    match reply {
        Reply::Whole(bytes) => stream.write_all(&bytes).await.unwrap_or(()),
        Reply::Slowly(bytes) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Reply::Nothing(bytes) => {
            stream.write_all(&bytes).await.unwrap_or(());
            tokio::time::sleep(Duration::from_mins(2)).await;
        }
        Reply::Headers => {
            let header = format!("X-Header: {}\r\n", "x".repeat(1000));
            let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
            while sent.is_ok() {
                sent = stream.write_all(header.as_bytes()).await;
            }
        }
    }
    stream.shutdown().await.ok();
}

fn allowing(origin: &str) -> Transport {
    Transport::new(&Settings { allow: vec![origin.parse().unwrap()], ..Settings::default() })
        .unwrap()
}

async fn get(transport: &Transport, url: Url) -> Result<Answer, TransportError> {
    transport.send(Request { url, call: Call::Get, authorization: None, longest: 1000 }).await
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Page-Generated: now\r\n\
                  Content-Length: 2\r\n\r\n{}";

#[tokio::test]
async fn c29_an_endpoint_outside_the_list_is_refused_before_a_connection_is_made() {
    let mut allowed = Server::answering(OK).await;
    let mut other = Server::answering(OK).await;
    let transport = allowed.transport();
    for url in [
        other.url("/"),
        // The same machine by another name.
        format!("http://localhost:{}/", allowed.address.port()).parse().unwrap(),
        format!("https://{}/", allowed.address).parse().unwrap(),
        "https://attacker.test/".parse().unwrap(),
        "ftp://127.0.0.1/".parse().unwrap(),
    ] {
        let refused = get(&transport, url.clone()).await;
        assert!(matches!(refused, Err(TransportError::NotAllowed)), "{url}");
    }
    assert!(allowed.said().is_empty() && other.said().is_empty());
    assert_eq!(get(&transport, allowed.url("/")).await.unwrap().status, 200);
    assert_eq!(allowed.said().len(), 2, "a connection and a request");
    let none = Transport::new(&Settings::default()).unwrap();
    assert!(matches!(get(&none, allowed.url("/")).await, Err(TransportError::NotAllowed)));
}

#[tokio::test]
async fn c29_a_redirect_is_an_answer_and_is_not_followed() {
    let mut other = Server::answering(OK).await;
    let redirect =
        format!("HTTP/1.1 307 Go\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.url("/"));
    let server = Server::answering(&redirect).await;
    // Not even where both are allowed.
    let both = [&server, &other].map(|s| format!("http://{}", s.address).parse().unwrap());
    let settings = Settings { allow: both.to_vec(), ..Settings::default() };
    let transport = Transport::new(&settings).unwrap();
    assert_eq!(get(&transport, server.url("/")).await.unwrap().status, 307);
    assert!(other.said().is_empty());
}

#[tokio::test]
async fn the_answer_comes_whole_and_the_request_says_what_was_asked() {
    let mut server = Server::answering(OK).await;
    let key = Zeroizing::new("Device abc".to_owned());
    let request = Request {
        url: server.url("/api?x=1"),
        call: Call::Post(b"{\"a\":1}"),
        authorization: Some(&key),
        longest: 2,
    };
    let answer = server.transport().send(request).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"{}".as_slice()));
    assert_eq!(answer.header("x-page-generated"), Some("now"));
    let said = server.said().concat();
    for part in [
        "POST /api?x=1 HTTP/1.1",
        "authorization: Device abc",
        "content-type: application/json",
        "user-agent: Postern/",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_refused_whether_it_says_so_or_not() {
    let announced = format!("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n{}", "x".repeat(1001));
    let silent = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(1001));
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n".to_owned();
    for answer in [announced, silent, huge] {
        let server = Server::answering(&answer).await;
        let refused = get(&server.transport(), server.url("/")).await;
        assert!(matches!(refused, Err(TransportError::TooLong { longest: 1000 })));
    }
}

#[tokio::test]
async fn what_is_not_http_or_breaks_off_is_an_error_without_the_address() {
    for answer in [
        "",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let server = Server::answering(answer).await;
        let broken = get(&server.transport(), server.url("/?secret=12345")).await.err().unwrap();
        assert!(matches!(broken, TransportError::Broken(_)), "{answer}: {broken:?}");
        assert!(!format!("{broken} {broken:?}").contains("12345"));
    }
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{gone}/").parse().unwrap();
    let refused = get(&allowing(&format!("http://{gone}")), url).await;
    assert!(matches!(refused, Err(TransportError::Connect(_))));
}

#[tokio::test]
async fn a_server_that_takes_forever_is_given_up_whichever_way_it_dawdles() {
    let slow = format!("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{}", "x".repeat(900));
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nxxx".to_vec();
    let after = async |reply| {
        let server = Server::start(reply, None).await;
        let begun = Instant::now();
        let given_up = get(&server.transport(), server.url("/")).await;
        assert!(matches!(given_up, Err(TransportError::TimedOut)));
        begun.elapsed()
    };
    let (slow, silent, stopped) = tokio::join!(
        after(Reply::Slowly(slow.into_bytes())),
        after(Reply::Nothing(Vec::new())),
        after(Reply::Nothing(half)),
    );
    assert!(slow < Duration::from_secs(25), "{slow:?}");
    assert!(silent.max(stopped) < Duration::from_secs(18), "{silent:?} {stopped:?}");
}

#[tokio::test]
async fn headers_without_end_are_not_read_to_their_end() {
    let server = Server::start(Reply::Headers, None).await;
    let begun = Instant::now();
    let broken = get(&server.transport(), server.url("/")).await;
    assert!(matches!(broken, Err(TransportError::Broken(_))));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_answer_tells_the_servers_time_and_a_repeated_request_its_key() {
    let dated = OK.replace("Content-Type", "Date: Thu, 05 Nov 2026 09:00:00 GMT\r\nContent-Type");
    let mut server = Server::answering(&dated).await;
    let transport = server.transport();
    assert_eq!(transport.server_time(), None);
    let call = Call::PostOnce { json: b"{}", key: "checkin-0123" };
    let request = Request { url: server.url("/"), call, authorization: None, longest: 2 };
    transport.send(request).await.unwrap();
    let time = transport.server_time().unwrap();
    assert_eq!(time.at.to_string(), "2026-11-05T09:00:00.5Z");
    assert!(time.took < Duration::from_secs(5) && time.middle < Instant::now());
    let said = server.said().concat();
    for part in ["x-idempotency-key: checkin-0123", "content-type: application/json"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// A certificate authority of this test: its certificate, and a server's way to speak TLS.
fn authority() -> (String, TlsAcceptor) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let server_key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&server_key, &issuer)
        .unwrap();
    let private = PrivateKeyDer::try_from(server_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], private)
        .unwrap();
    (certificate, TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn c12_a_server_is_trusted_only_with_a_certificate_of_the_pinned_authority() {
    let folder = tempfile::tempdir().unwrap();
    let (mine, tls) = authority();
    let (other, _) = authority();
    let mut server = Server::start(Reply::Whole(OK.into()), Some(tls)).await;
    let port = server.address.port();
    let url: Url = format!("https://localhost:{port}/").parse().unwrap();
    let with = |name: &str, ca: Option<&str>| {
        let path = folder.path().join(name);
        let ca = ca.map(|pem| {
            std::fs::write(&path, pem).unwrap();
            path.clone()
        });
        let allow = vec![format!("https://localhost:{port}").parse().unwrap()];
        Transport::new(&Settings { allow, ca, proxy: None })
    };
    let answer = get(&with("mine", Some(&mine)).unwrap(), url.clone()).await.unwrap();
    assert_eq!(answer.status, 200);
    server.said();
    for transport in [with("other", Some(&other)).unwrap(), with("none", None).unwrap()] {
        let refused = get(&transport, url.clone()).await;
        assert!(matches!(refused, Err(TransportError::Connect(_))));
    }
    assert!(server.said().iter().all(|said| said == "connected"), "nothing was asked");
    for (name, text) in [("empty", ""), ("text", "not a certificate")] {
        assert!(with(name, Some(text)).err().unwrap().to_string().contains("network.ca"));
    }
    let wrong = Settings { ca: Some(folder.path().join("absent")), ..Settings::default() };
    assert!(Transport::new(&wrong).err().unwrap().to_string().contains("cannot be read"));
}

#[tokio::test]
async fn a_proxy_is_used_where_the_configuration_names_one() {
    let mut proxy = Server::answering("HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n").await;
    let settings = Settings {
        allow: vec!["https://tickets.sample-expo.test".parse().unwrap()],
        proxy: Some(format!("http://{}", proxy.address)),
        ..Settings::default()
    };
    let transport = Transport::new(&settings).unwrap();
    let url = "https://tickets.sample-expo.test/api?code=12345".parse().unwrap();
    assert!(matches!(get(&transport, url).await, Err(TransportError::Connect(_))));
    let said = proxy.said().concat();
    assert!(said.contains("CONNECT tickets.sample-expo.test:443"), "{said}");
    assert!(!said.contains("12345"), "the proxy sees host and port only");
    let elsewhere = get(&transport, "https://attacker.test/".parse().unwrap()).await;
    assert!(matches!(elsewhere, Err(TransportError::NotAllowed)));
    assert!(proxy.said().is_empty());
}

#[tokio::test]
async fn c12_a_proxy_carries_what_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let (pem, tls) = authority();
    let ca = folder.path().join("ca");
    std::fs::write(&ca, pem).unwrap();
    let server = Server::start(Reply::Whole(OK.into()), Some(tls)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let target = server.address;
    let carried = tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
        while !seen.windows(4).any(|w| w == b"\r\n\r\n") {
            let read = near.read(&mut piece).await.unwrap();
            seen.extend_from_slice(&piece[..read]);
        }
        let mut far = tokio::net::TcpStream::connect(target).await.unwrap();
        near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        // The first of what is sent through it.
        let read = near.read(&mut piece).await.unwrap();
        seen.extend_from_slice(&piece[..read]);
        far.write_all(&piece[..read]).await.unwrap();
        tokio::io::copy_bidirectional(&mut near, &mut far).await.ok();
        seen
    });
    let origin = format!("https://localhost:{}", target.port());
    let settings =
        Settings { allow: vec![origin.parse().unwrap()], ca: Some(ca), proxy: Some(proxy) };
    let transport = Transport::new(&settings).unwrap();
    let url = format!("{origin}/api?code=12345").parse().unwrap();
    assert_eq!(get(&transport, url).await.unwrap().status, 200);
    drop(transport);
    let seen = carried.await.unwrap();
    let seen = String::from_utf8_lossy(&seen);
    assert!(seen.starts_with("CONNECT localhost:") && !seen.contains("12345"), "{seen}");
}
