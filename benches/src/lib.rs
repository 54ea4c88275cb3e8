#![doc = include_str!("../README.md")]
#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "benches run on data made here"
)]

pub mod corpus;
pub mod events;
pub mod load;
pub mod machine;
pub mod text;
pub mod week;
