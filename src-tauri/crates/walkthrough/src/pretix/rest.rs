//! Calls of the REST interface.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// A client without a proxy and without connections that are kept: each test has a runtime of
/// its own, and a kept connection would end with the first.
pub(super) fn client() -> Client {
    Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap_or_default()
}

/// The interface in the name of a team.
pub(super) struct Rest {
    client: Client,
    base: String,
    authorization: String,
}

impl Rest {
    pub(super) fn of_team(base: &str, token: &str) -> Rest {
        Rest {
            client: client(),
            base: format!("{base}/api/v1"),
            authorization: format!("Token {token}"),
        }
    }

    /// A request to a path below `/api/v1`.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .header("Authorization", &self.authorization)
    }

    /// Calls; the answer must be a success.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value> {
        let mut request = self.request(method.clone(), path);
        if let Some(body) = body {
            request = request.json(body);
        }
        answer(request).await.with_context(|| format!("{method} {path}"))
    }

    /// All entries of a list, from all its pages.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let mut entries = Vec::new();
        for page in 1.. {
            let separator = if path.contains('?') { '&' } else { '?' };
            let part =
                self.call(Method::GET, &format!("{path}{separator}page={page}"), None).await?;
            entries.extend(part["results"].as_array().into_iter().flatten().cloned());
            if part["next"].is_null() {
                break;
            }
        }
        Ok(entries)
    }
}

/// The answer to a request, which must be a success; null when it is empty.
pub(super) async fn answer(request: RequestBuilder) -> Result<Value> {
    let answer = request.send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{status}: {}", text.chars().take(800).collect::<String>());
    if text.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&text)?) }
}

/// The number under this name.
pub(super) fn number(value: &Value, name: &str) -> Result<u64> {
    value[name].as_u64().with_context(|| format!("no number `{name}` in the answer"))
}

/// The text under this name.
pub(super) fn text(value: &Value, name: &str) -> Result<String> {
    Ok(value[name].as_str().with_context(|| format!("no text `{name}` in the answer"))?.to_owned())
}
