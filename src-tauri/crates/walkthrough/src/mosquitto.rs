//! A real MQTT broker for tests: Debian's mosquitto, with TLS, accounts and access rules, in a
//! folder and on a port of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

use crate::{
    driver::{free_port, tail},
    patience::patient,
    processes::ProcessGroup,
};

/// Time to start.
const SOON: Duration = Duration::from_secs(20);
/// Whoever is connected with this name may read and write everything: somebody who has got hold of
/// the broker.
pub const INTRUDER: &str = "intruder";
/// Everybody's password, before their name.
const PASSWORD: &str = "word-of-";

/// A broker; dropped, it ends.
pub struct Mosquitto {
    folder: TempDir,
    port: u16,
    group: Option<ProcessGroup>,
}

impl Mosquitto {
    /// Starts a broker for these kiosks, with the access rules of `docs/relay.md`.
    pub async fn start(kiosks: &[&str]) -> Result<Mosquitto> {
        let folder = tempfile::Builder::new().prefix("postern-mosquitto-").tempdir()?;
        let port = free_port()?;
        let path = folder.path();
        authority(path, "ca.pem", Some("server"))?;
        authority(path, "other-ca.pem", None)?;
        let everybody: Vec<&str> = kiosks.iter().copied().chain([INTRUDER]).collect();
        accounts(path, &everybody)?;
        fs::write(path.join("acl"), rules(kiosks))?;
        fs::write(path.join("mosquitto.conf"), configuration(path, port))?;
        let mut broker = Mosquitto { folder, port, group: None };
        broker.again().await?;
        Ok(broker)
    }

    /// Its address, as a kiosk's configuration has it.
    pub fn broker(&self) -> String {
        format!("mqtts://127.0.0.1:{}", self.port)
    }

    /// The certificates that vouch for it.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// What a kiosk's configuration says of it.
    pub fn configuration(&self) -> String {
        let (broker, ca) = (self.broker(), self.ca());
        let ca = ca.display();
        format!("[network]\nallow = ['{broker}']\n[relay]\nbroker = '{broker}'\nca = '{ca}'\n")
    }

    /// Certificates that do not.
    pub fn other_ca(&self) -> PathBuf {
        self.folder.path().join("other-ca.pem")
    }

    /// The password of an account.
    pub fn password(user: &str) -> String {
        format!("{PASSWORD}{user}")
    }

    /// Ends it without a word, as when its plug is pulled. What it has kept since the last minutes
    /// is lost: it writes to its disk every half hour.
    pub fn end(&mut self) {
        self.group = None;
    }

    /// Starts it once more on its port, and waits until it answers.
    pub async fn again(&mut self) -> Result<()> {
        let path = self.folder.path();
        let log = fs::File::create(path.join("log"))?;
        let group = ProcessGroup::spawn(program(), |command| {
            command.arg("-c").arg(path.join("mosquitto.conf"));
            command.stdout(Stdio::null()).stderr(log);
        })?;
        self.group = Some(group);
        let deadline = Instant::now() + patient(SOON);
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            if Instant::now() > deadline {
                bail!("mosquitto does not answer:\n{}", tail(&path.join("log")));
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Publishes a retained message in somebody's name, with `mosquitto_pub`. True if the broker
    /// took it.
    pub fn publish(&self, user: &str, topic: &str, payload: &[u8]) -> Result<bool> {
        let file = self.folder.path().join("payload");
        fs::write(&file, payload)?;
        let output = self
            .client("mosquitto_pub", user)
            .args(["-r", "-t", topic, "-f"])
            .arg(&file)
            .output()
            .context("mosquitto_pub: install mosquitto-clients")?;
        // It succeeds although the broker says no, and tells of it.
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(output.status.success() && !told.contains("Not authorized"))
    }

    /// What the broker keeps: topics and messages.
    pub fn kept(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let output = self
            .client("mosquitto_sub", INTRUDER)
            .args(["-t", "#", "--retained-only", "-W", "2", "-F", "%t %x"])
            .output()
            .context("mosquitto_sub: install mosquitto-clients")?;
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        lines
            .lines()
            .map(|line| {
                let (topic, digits) = line.split_once(' ').context("a topic and its message")?;
                let bytes = (0..digits.len()).step_by(2);
                let bytes = bytes.map(|i| u8::from_str_radix(&digits[i..i + 2], 16));
                Ok((topic.to_owned(), bytes.collect::<Result<_, _>>()?))
            })
            .collect()
    }

    fn client(&self, program: &str, user: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args(["-V", "5", "-q", "1", "-h", "127.0.0.1", "-p"])
            .arg(self.port.to_string())
            .arg("--cafile")
            .arg(self.ca())
            .args(["-u", user, "-P", &Self::password(user)]);
        command
    }
}

/// Debian puts it where only root looks.
fn program() -> &'static str {
    let debian = "/usr/sbin/mosquitto";
    if Path::new(debian).is_file() { debian } else { "mosquitto" }
}

/// Makes an authority, and a certificate of this machine under it.
fn authority(folder: &Path, file: &str, server: Option<&str>) -> Result<()> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(folder.join(file), params.self_signed(&key)?.pem())?;
    let Some(server) = server else { return Ok(()) };
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate()?;
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let mut params = CertificateParams::new(names)?;
    // With its authority's name OpenSSL takes it for one that has signed itself.
    params.distinguished_name.push(DnType::CommonName, "mosquitto");
    let certificate = params.signed_by(&key, &issuer)?;
    fs::write(folder.join(format!("{server}.pem")), certificate.pem())?;
    fs::write(folder.join(format!("{server}.key")), key.serialize_pem())?;
    Ok(())
}

fn accounts(folder: &Path, users: &[&str]) -> Result<()> {
    let file = folder.join("accounts");
    let lines = users.iter().map(|user| format!("{user}:{}\n", Mosquitto::password(user)));
    fs::write(&file, lines.collect::<String>())?;
    let hashed = Command::new("mosquitto_passwd")
        .arg("-U")
        .arg(&file)
        .output()
        .context("mosquitto_passwd: install mosquitto")?;
    ensure!(hashed.status.success(), "{}", String::from_utf8_lossy(&hashed.stderr));
    Ok(())
}

fn rules(kiosks: &[&str]) -> String {
    let kiosk = |name: &&str| {
        format!(
            "user {name}\ntopic read postern/1/+/used/+/+\ntopic read postern/1/+/kiosk/+\n\
             topic write postern/1/+/used/{name}/+\ntopic write postern/1/+/kiosk/{name}\n\n"
        )
    };
    let rules: String = kiosks.iter().map(kiosk).collect();
    format!("{rules}user {INTRUDER}\ntopic readwrite #\n")
}

fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "user root\n\
         allow_anonymous false\n\
         password_file {folder}/accounts\n\
         acl_file {folder}/acl\n\
         persistence true\n\
         persistence_location {folder}/\n\
         max_queued_messages 0\n\
         set_tcp_nodelay true\n\
         listener {port} 127.0.0.1\n\
         certfile {folder}/server.pem\n\
         keyfile {folder}/server.key\n\
         tls_version tlsv1.2\n"
    )
}
