//! Every address of the service, grouped by who calls it.

use crate::app::App;
use crate::data::View;
use crate::error::ServerError;
use crate::etag::Depends;
use crate::guard::guard;
use crate::pages::dashboard::Page;
use crate::request_id::RequestId;
use crate::respond::{self, Computed, finish};
use crate::{address, api, openapi, pages};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, Uri, header};
use axum::routing::get;
use axum::{Extension, Router, middleware};
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

const HTML: &str = "text/html; charset=utf-8";

/// The whole service.
pub fn router(app: App) -> Router {
    let (body_limit, body_timeout) = (app.settings().body_limit, app.settings().body_timeout);
    Router::new()
        // People.
        .route("/", get(start))
        .route("/dashboards/{name}", get(dashboard))
        .route("/findings", get(findings))
        .route("/findings/{import_id}", get(import_findings))
        .route("/problems", get(problems))
        .route("/assets/{name}", get(asset))
        // Programs.
        .route("/api/v1/reports", get(reports))
        .route("/api/v1/reports/{name}", get(report))
        .route("/api/v1/imports", get(imports))
        .route("/api/v1/imports/{import_id}", get(import))
        .route("/api/v1/snapshots", get(snapshots))
        .route("/api/openapi.json", get(description))
        // Operators.
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(not_found)
        .layer(CatchPanicLayer::new())
        .layer(RequestBodyLimitLayer::new(body_limit))
        .layer(RequestBodyTimeoutLayer::new(body_timeout))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .with_state(app)
}

type Answered = Response<Body>;

/// One request, as the handlers below need it.
struct Asked<'a> {
    app: &'a App,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    request_id: RequestId,
}

impl Asked<'_> {
    fn values(&self) -> Result<address::Values, ServerError> {
        address::parse(self.uri.query()).map_err(|repeated| ServerError::BadParameter {
            name: repeated.0,
            found: String::new(),
            expected: "стоит в адресе дважды".to_owned(),
            ways_out: Vec::new(),
        })
    }

    fn told(&self, answer: Result<Answered, ServerError>) -> Answered {
        answer.unwrap_or_else(|error| {
            respond::error(
                self.app,
                &error,
                self.request_id,
                self.uri.path(),
                self.headers,
            )
        })
    }

    /// The data at the moment that `as_of` names, and the tag's parts.
    async fn view(&self, values: &address::Values) -> Result<View, ServerError> {
        self.app.data().refresh(Instant::now());
        self.app.data().view(api::as_of(values)?).await
    }
}

async fn start(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    let answer = async {
        let values = asked.values()?;
        pages::no_other_keys(&values, &["as_of"])?;
        let view = asked.view(&values).await?;
        // Freshness tells of rejected files too, which make no snapshot.
        let imports = app.data().imports(1_000).await?;
        let newest = imports.first().map_or(0, |import| import.import.import_id);
        let query = format!("{}&import={newest}", address::query_text(&values));
        let depends = Depends {
            snapshot_id: view.stamp.snapshot_id,
            catalog_version: app.data().version(),
            path: "/",
            query: &query,
            scope: &view.scope,
            format: "html",
        };
        let page = async {
            let text = pages::start::render(app.data(), &view, &imports).await?;
            Ok(Computed::Keep(finish(HTML, None, text.into_bytes())))
        };
        respond::cached(&app, &depends, &headers, page).await
    };
    asked.told(answer.await)
}

async fn dashboard(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    let answer = async {
        let values = asked.values()?;
        let view = asked.view(&values).await?;
        let live = view.live.clone();
        let Some(dashboard) = live.catalog.dashboards.get(&name) else {
            return Err(pages::no_dashboard(app.data(), &name));
        };
        let query = address::query_text(&values);
        let depends = Depends {
            snapshot_id: view.stamp.snapshot_id,
            catalog_version: app.data().version(),
            path: uri.path(),
            query: &query,
            scope: &view.scope,
            format: "html",
        };
        let page = async {
            Ok(
                match pages::dashboard::render(app.data(), &view, dashboard, &values).await? {
                    Page::Html(text) => Computed::Keep(finish(HTML, None, text.into_bytes())),
                    Page::Redirect(href) => Computed::Redirect(href),
                },
            )
        };
        respond::cached(&app, &depends, &headers, page).await
    };
    asked.told(answer.await)
}

async fn findings(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    let answer = async {
        let view = asked.view(&asked.values()?).await?;
        let text = pages::findings::list(app.data(), &view).await?;
        Ok(respond::send(
            &finish(HTML, None, text.into_bytes()),
            None,
            &headers,
        ))
    };
    asked.told(answer.await)
}

async fn import_findings(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    Path(import_id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    let answer = async {
        let values = asked.values()?;
        let view = asked.view(&address::Values::new()).await?;
        let text = pages::findings::one(app.data(), &view, &import_id, &values).await?;
        Ok(respond::send(
            &finish(HTML, None, text.into_bytes()),
            None,
            &headers,
        ))
    };
    asked.told(answer.await)
}

async fn problems(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    app.data().refresh(Instant::now());
    let answer = pages::problems::render(app.data())
        .map(|text| respond::send(&finish(HTML, None, text.into_bytes()), None, &headers));
    asked.told(answer)
}

async fn asset(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    let Some(asset) = crate::assets::ASSETS
        .iter()
        .find(|asset| asset.name == name)
    else {
        return asked.told(Err(pages::not_found()));
    };
    let finished = finish(asset.content_type, None, asset.text().into_bytes());
    let mut response = respond::send(&finished, None, &headers);
    // The address holds a hash of the bytes.
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, forever);
    response
}

async fn reports(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    let answer = async {
        let view = asked.view(&address::Values::new()).await?;
        Ok(api::json(&api::reports(&view), &headers))
    };
    asked.told(answer.await)
}

async fn report(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    let answer = async {
        let values = asked.values()?;
        let view = asked.view(&values).await?;
        api::report(&app, &view, &name, values, &headers).await
    };
    asked.told(answer.await)
}

async fn imports(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    asked.told(
        api::imports(app.data())
            .await
            .map(|document| api::json(&document, &headers)),
    )
}

async fn import(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    Path(import_id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    asked.told(
        api::import(app.data(), &import_id)
            .await
            .map(|document| api::json(&document, &headers)),
    )
}

async fn snapshots(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    asked.told(
        api::snapshots(app.data())
            .await
            .map(|document| api::json(&document, &headers)),
    )
}

async fn description(State(app): State<App>, headers: HeaderMap) -> Answered {
    app.data().refresh(Instant::now());
    let (live, _) = app.data().live_and_problems();
    api::json(&openapi::document(&live.catalog), &headers)
}

async fn healthz(headers: HeaderMap) -> Answered {
    api::json(&serde_json::json!({"status": "ok"}), &headers)
}

async fn readyz(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    match app.data().ready().await {
        Ok(stamp) => api::json(
            &serde_json::json!({"status": "ready", "snapshot_id": stamp.snapshot_id}),
            &headers,
        ),
        Err(error) => asked.told(Err(ServerError::NotReady(Box::new(error)))),
    }
}

async fn metrics(State(app): State<App>, headers: HeaderMap) -> Answered {
    let snapshot = app
        .data()
        .ready()
        .await
        .map_or(0, |stamp| stamp.snapshot_id);
    let (_, problems) = app.data().live_and_problems();
    let text = app.metrics().render(&[
        (
            "svodka_page_cache_bytes",
            "Memory of finished pages.",
            app.cache().bytes() as u64,
        ),
        (
            "svodka_snapshot_id",
            "Snapshot of the lake that pages stand on.",
            u64::try_from(snapshot).unwrap_or(0),
        ),
        (
            "svodka_catalog_problems",
            "Mistakes in query and dashboard files.",
            problems.len() as u64,
        ),
    ]);
    respond::send(
        &finish(
            "text/plain; version=0.0.4; charset=utf-8",
            None,
            text.into_bytes(),
        ),
        None,
        &headers,
    )
}

async fn not_found(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    uri: Uri,
    headers: HeaderMap,
) -> Answered {
    let asked = Asked {
        app: &app,
        uri: &uri,
        headers: &headers,
        request_id,
    };
    asked.told(Err(pages::not_found()))
}
