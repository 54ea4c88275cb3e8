//! The listener: connections, their limits, and a calm end.

mod head_time;

use std::future::Future;
use std::io;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use self::head_time::{HeadTimedStream, Turns};
use crate::admin::{Admin, admin_router};
use crate::config::ServeLimits;
use crate::http::visitor::Peer;
use crate::http::{QueryApi, router};

/// Longest head of a request, in bytes: a search by GET can carry a long list.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Serves until `shutdown` is done, then lets running requests end.
///
/// A task looks for a new generation every [`crate::ServeLimits::poll_interval`] and swaps it in; before the first one
/// searches get 503. Returns within [`crate::ServeLimits::shutdown_time`] of the shutdown.
///
/// # Errors
/// Only when the listener itself breaks; a failed connection is nobody else's matter.
pub async fn serve(
    listener: TcpListener,
    api: Arc<QueryApi>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    // A failure is said by the watcher, which tries again at once.
    let _ = refresh(&api).await;
    let watcher = tokio::spawn(watch(Arc::clone(&api)));
    let outcome = accept(listener, router(Arc::clone(&api)), api.config.limits, shutdown).await;
    watcher.abort();
    outcome
}

/// Serves the pages of the moderators until `shutdown` is done, then lets running requests end. Refreshes nothing: the public
/// server of the same process does.
///
/// # Errors
/// Only when the listener itself breaks.
pub async fn serve_admin(
    listener: TcpListener,
    admin: Arc<Admin>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let limits = admin.limits();
    accept(listener, admin_router(admin), limits, shutdown).await
}

async fn accept(
    listener: TcpListener,
    routes: axum::Router,
    limits: ServeLimits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.max_connections));
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.idle_time).max_buf_size(MAX_HEAD_BYTES);
    tokio::pin!(shutdown);
    loop {
        // A place is taken before a connection is accepted: further ones wait in the backlog of the system.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place.map_err(io::Error::other)?,
            () = &mut shutdown => break,
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors or a connection that was reset meanwhile: both pass.
                    tracing::warn!("accepting a connection: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        // Answers are written whole; waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        let turns = Turns::default();
        let stream = HeadTimedStream::new(stream, turns.clone(), limits.header_time);
        let routes = routes.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            turns.next();
            request.extensions_mut().insert(Peer(peer));
            let answer = routes.clone().oneshot(request);
            let turns = turns.clone();
            async move {
                let answer = answer.await;
                turns.next();
                answer
            }
        });
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("serving a connection: {error}");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.shutdown_time, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off: they did not end within {} s", limits.shutdown_time.as_secs());
    }
    Ok(())
}

async fn watch(api: Arc<QueryApi>) {
    let mut ticks = tokio::time::interval(api.config.limits.poll_interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last_failure = None;
    let mut is_warm = false;
    let mut warming: Option<tokio::task::JoinHandle<bool>> = None;
    loop {
        // Beside the looks for what is new: what moderators decide meanwhile must not wait for it.
        if !is_warm {
            match warming.take() {
                // A panic is a defect that the first search meets as well, and reports.
                Some(task) if task.is_finished() => is_warm = task.await.unwrap_or(true),
                Some(task) => warming = Some(task),
                None => {
                    let api = Arc::clone(&api);
                    warming = Some(tokio::task::spawn_blocking(move || {
                        let is_warm = api.warm();
                        api.count_hidden();
                        is_warm
                    }));
                }
            }
        }
        ticks.tick().await;
        let failure = refresh(&api).await;
        // Once, not twice a second for as long as it lasts.
        if let Some(reason) = failure.as_ref().filter(|_| failure != last_failure) {
            tracing::error!("taking a new generation, the one in use stays: {reason}");
        }
        last_failure = failure;
    }
}

/// Takes a new generation when there is one; says why it could not.
async fn refresh(api: &Arc<QueryApi>) -> Option<String> {
    let api = Arc::clone(api);
    let refreshed = tokio::task::spawn_blocking({
        let api = Arc::clone(&api);
        move || api.refresh()
    });
    match refreshed.await {
        Ok(Ok(is_other)) => {
            if is_other {
                // Nobody waits for it: it is for the page about the index.
                tokio::task::spawn_blocking(move || api.count_hidden());
            }
            None
        }
        Ok(Err(error)) => Some(error.to_string()),
        Err(error) => Some(error.to_string()),
    }
}
