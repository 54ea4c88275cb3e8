//! Whose a record is, in the words of moderation: what keeps a person, a channel, a group or an instance out asks this.

use allowlist::moderation::Target;

use super::{Actor, Channel, Event, Group, Playlist, Record, Video};

impl Record {
    /// Everything that the record is of or by: its instance, its key, its account or organiser, its channel, its group. At
    /// most five, in no order that matters; handles in lower case, as [`Target`] writes them.
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = match self {
            Self::Video(video) => video.targets(),
            Self::Channel(channel) => channel.targets(),
            Self::Playlist(playlist) => playlist.targets(),
            Self::Event(event) => event.targets(),
            Self::Group(group) => group.targets(),
        };
        targets.push(Target::Item(self.id().to_string()));
        targets
    }
}

impl Video {
    /// Its instance, account and channel.
    pub fn targets(&self) -> Vec<Target> {
        vec![Target::Instance(self.host.clone()), account(&self.account), channel(&self.channel)]
    }
}

impl Channel {
    /// Its instance, the channel itself and its owner.
    pub fn targets(&self) -> Vec<Target> {
        vec![Target::Instance(self.actor.host.clone()), channel(&self.actor), account(&self.owner.actor)]
    }
}

impl Playlist {
    /// Its instance, its owner and, where it has one, its channel.
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = vec![Target::Instance(self.host.clone()), account(&self.owner)];
        targets.extend(self.channel.as_ref().map(channel));
        targets
    }
}

impl Event {
    /// Its instance and, where it names them, who made it and its group.
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = vec![Target::Instance(self.host.clone())];
        targets.extend(self.organizer.as_ref().map(account));
        targets.extend(self.group.as_ref().map(|actor| Target::Group(handle(actor))));
        targets
    }
}

impl Group {
    /// Its instance and the group itself.
    pub fn targets(&self) -> Vec<Target> {
        vec![Target::Instance(self.actor.host.clone()), Target::Group(handle(&self.actor))]
    }
}

fn account(actor: &Actor) -> Target {
    Target::Account(handle(actor))
}

fn channel(actor: &Actor) -> Target {
    Target::Channel(handle(actor))
}

fn handle(actor: &Actor) -> String {
    format!("{}@{}", actor.name.to_lowercase(), actor.host)
}
