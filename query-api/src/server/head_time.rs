//! A time limit for the head of a request that has begun to arrive.
//!
//! hyper has one timer for both: it runs from the end of the last answer, so it also ends connections that are merely
//! kept for the next search. PeerTube keeps its connections and does not repeat a failed search, so those may stay
//! longer than a head may take.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// Where a connection is; shared by its stream and its service. Odd while a request is answered, even between two.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<AtomicUsize>);

impl Turns {
    /// Said by the service: a head is whole, or its answer is made.
    pub fn next(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

/// A stream that fails to be read when a head takes too long.
pub(super) struct HeadTimedStream {
    stream: TcpStream,
    turns: Turns,
    /// The turn that the timer belongs to.
    turn: usize,
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl HeadTimedStream {
    pub fn new(stream: TcpStream, turns: Turns, limit: Duration) -> Self {
        Self { stream, turns, turn: 0, limit, timer: None }
    }
}

impl AsyncRead for HeadTimedStream {
    fn poll_read(mut self: Pin<&mut Self>, ctx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let turn = this.turns.get();
        if this.turn != turn {
            this.turn = turn;
            this.timer = None;
        }
        if turn % 2 == 1 {
            return Pin::new(&mut this.stream).poll_read(ctx, buffer);
        }
        let n_before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(ctx, buffer);
        if read.is_ready() && buffer.filled().len() > n_before && this.timer.is_none() {
            this.timer = Some(Box::pin(sleep(this.limit)));
        }
        // Also when bytes came: one byte a second would otherwise go on for ever.
        let is_late = this.timer.as_mut().is_some_and(|timer| timer.as_mut().poll(ctx).is_ready());
        if is_late {
            let reason = "the head of a request took too long";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, reason)));
        }
        read
    }
}

impl AsyncWrite for HeadTimedStream {
    fn poll_write(mut self: Pin<&mut Self>, ctx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(ctx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(ctx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(ctx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(ctx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
