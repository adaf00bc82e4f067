//! Journeys in a real browser: Chromium through its driver, against the real server.

mod journeys;
mod pages;
mod screen;
mod sheet;
mod stories;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::Engine as _;
use serde_json::json;
use thirtyfour::prelude::*;

use crate::support::{Person, Town};

/// A browser of its own, and the address of a town's server.
pub struct Browser {
    pub driver: WebDriver,
    pub origin: String,
    chromedriver: Child,
    port: u16,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked to shut down, the driver takes its browser along; killed, it would leave it running.
        let asked = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut driver| {
            driver.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
            driver.read_to_end(&mut Vec::new())
        });
        if asked.is_err() {
            let _ = self.chromedriver.kill();
        }
        let _ = self.chromedriver.wait();
    }
}

/// Serves a town on a port of its own.
pub async fn serve(town: &Town) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = town.app.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    format!("http://localhost:{port}")
}

impl Browser {
    /// A fresh browser, with or without JavaScript.
    pub async fn open(origin: &str, javascript: bool) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let chromedriver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed by make test");
        let mut caps = DesiredCapabilities::chrome();
        for arg in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--lang=en-GB",
        ] {
            caps.add_arg(arg).unwrap();
        }
        if !javascript {
            let off = json!({ "profile.managed_default_content_settings.javascript": 2 });
            caps.add_experimental_option("prefs", off).unwrap();
        }
        let mut tries = 0;
        let driver = loop {
            match WebDriver::new(format!("http://127.0.0.1:{port}"), caps.clone()).await {
                Ok(driver) => break driver,
                Err(error) if tries > 200 => panic!("the browser does not start: {error}"),
                Err(_) => tries += 1,
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        Self { driver, origin: origin.to_owned(), chromedriver, port }
    }

    /// As wide as a phone or a desk; the same device metrics a real one has.
    pub async fn width(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// The page shown, printed as its own style sheet asks: a PDF.
    pub async fn printed(&self) -> Vec<u8> {
        let as_asked = json!({ "preferCSSPageSize": true, "printBackground": false });
        let pdf = self.driver.cdp().send_raw("Page.printToPDF", as_asked).await.unwrap();
        base64::engine::general_purpose::STANDARD.decode(pdf["data"].as_str().unwrap()).unwrap()
    }

    pub async fn devtools(&self, command: &str, with: serde_json::Value) {
        self.driver.cdp().send_raw(command, with).await.unwrap();
    }

    /// The session of somebody who has signed in before.
    pub async fn as_person(&self, person: &Person) {
        self.go("/live").await;
        let (name, value) = person.cookie.split_once('=').unwrap();
        let mut cookie = Cookie::new(name.to_owned(), value.to_owned());
        cookie.set_path("/");
        self.driver.add_cookie(cookie).await.unwrap();
    }

    pub async fn go(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.origin)).await.unwrap();
    }

    pub async fn find(&self, css: &str) -> WebElement {
        self.element(By::Css(css), css).await
    }

    /// Waits for an element: a click's page may still be on its way.
    async fn element(&self, by: By, called: &str) -> WebElement {
        for _ in 0..100 {
            if let Ok(element) = self.driver.find(by.clone()).await {
                return element;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{called} is not on the page: {}", self.text().await);
    }

    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    pub async fn press(&self, text: &str) {
        let path = format!(
            "//body//*[self::button or self::a or self::summary][contains(normalize-space(.), '{text}')]"
        );
        self.element(By::XPath(path), text).await.click().await.unwrap();
    }

    pub async fn press_exactly(&self, text: &str) {
        let path = format!("//main//button[normalize-space(.) = '{text}']");
        self.element(By::XPath(path), text).await.click().await.unwrap();
    }

    pub async fn fill(&self, id: &str, text: &str) {
        let field = self.element(By::Id(id), id).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Waits until the browser is at a path.
    pub async fn arrives(&self, path: &str) {
        for _ in 0..100 {
            if self.path().await == path {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(self.path().await, path);
    }

    pub async fn text(&self) -> String {
        // A page that is being left has no text for a moment.
        for _ in 0..20 {
            if let Ok(body) = self.driver.find(By::Tag("body")).await
                && let Ok(text) = body.text().await
            {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the page has no text");
    }

    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        url.path().to_owned()
    }

    /// Waits until the page says something.
    pub async fn wait_for(&self, words: &str) {
        for _ in 0..150 {
            if self.text().await.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the page never said \"{words}\": {}", self.text().await);
    }

    /// Runs a script and answers what it returns.
    pub async fn script(&self, script: &str) -> serde_json::Value {
        self.driver.execute(script, vec![]).await.unwrap().json().clone()
    }
}
