//! The first organiser, made through the pages as a person would: only they can.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::json;

use super::{
    rest::{answer, client, text},
    server::ADMINISTRATOR,
};

/// Makes an organiser; returns an API token of its team, which may do everything.
pub(super) async fn make(base: &str, slug: &str) -> Result<String> {
    let mut pages = Pages { base, client: client(), cookies: BTreeMap::new() };
    let (email, password) = ADMINISTRATOR;
    pages.submit("/control/login", &[("email", email), ("password", password)]).await?;
    pages.submit("/control/sudo/", &[]).await?;
    pages.submit("/control/organizers/add", &[("name", "Expo"), ("slug", slug)]).await?;
    let teams = format!("/api/v1/organizers/{slug}/teams/");
    let team = answer(pages.request(Method::GET, &teams)).await?;
    let team = team["results"][0]["id"].as_u64().context("the organiser has no team")?;
    let tokens = format!("{teams}{team}/tokens/");
    let token =
        answer(pages.request(Method::POST, &tokens).json(&json!({"name": "tests"}))).await?;
    text(&token, "token")
}

/// pretix's pages with the cookies of a person who has signed in.
struct Pages<'a> {
    base: &'a str,
    client: Client,
    cookies: BTreeMap<String, String>,
}

impl Pages<'_> {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let token = self.cookies.iter().find(|(name, _)| name.ends_with("csrftoken"));
        self.client
            .request(method, format!("{}{path}", self.base))
            .header("Cookie", cookies.join("; "))
            .header("Referer", format!("{}{path}", self.base))
            .header("X-CSRFToken", token.map_or("", |(_, value)| value))
    }

    /// Opens the page of a form, fills it in and sends it.
    async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<()> {
        let page = self.request(Method::GET, path).send().await?;
        self.remember(&page);
        let page = page.text().await?;
        let token = between(&page, "name=\"csrfmiddlewaretoken\" value=\"", "\"")
            .with_context(|| format!("{path} has no form"))?;
        let mut form = vec![("csrfmiddlewaretoken", token)];
        form.extend(fields);
        let answer = self.request(Method::POST, path).form(&form).send().await?;
        self.remember(&answer);
        ensure!(answer.status().is_redirection(), "{path} was answered with {}", answer.status());
        Ok(())
    }

    fn remember(&mut self, answer: &Response) {
        for cookie in answer.headers().get_all("set-cookie") {
            let pair =
                cookie.to_str().ok().and_then(|text| text.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    Some(text.split_once(before)?.1.split_once(after)?.0)
}
