//! A model file without its weights: the same messages, of which the data of large tensors is left
//! out, so that a file of gigabytes is read in little time and memory.
//!
//! The reader walks the messages that can hold tensors and copies everything else as it stands.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use crate::read::source::{self, explain};

/// Data of a tensor that is longer than this is left out: 4,096 elements of at most ten bytes.
const LONGEST_DATA_BYTES: u64 = 4096 * 10;
/// A graph without weights is small; one that takes more memory than this is a mistake.
const LARGEST_GRAPH_BYTES: u64 = 80 << 20;
/// What a message takes in memory beside its fields, at most.
const MESSAGE_BYTES: u64 = 320;
/// What a field takes in memory beside its bytes, at most.
const FIELD_BYTES: u64 = 32;
/// Messages inside each other; decoding has the same limit.
const DEEPEST_NESTING: usize = 90;

/// Which messages a message holds, as far as tensors may be in them: the tag and the kind.
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    SparseTensor,
    Function,
}

impl Kind {
    fn inside(self, tag: u64) -> Option<Kind> {
        match (self, tag) {
            (Kind::Model, 7) | (Kind::Attribute, 6 | 11) => Some(Kind::Graph),
            (Kind::Model, 25) => Some(Kind::Function),
            (Kind::Graph, 1) | (Kind::Function, 7) => Some(Kind::Node),
            (Kind::Graph, 5) | (Kind::Attribute, 5 | 10) | (Kind::SparseTensor, 1 | 2) => {
                Some(Kind::Tensor)
            }
            (Kind::Graph, 15) | (Kind::Attribute, 22 | 23) => Some(Kind::SparseTensor),
            (Kind::Node, 5) | (Kind::Function, 11) => Some(Kind::Attribute),
            _ => None,
        }
    }

    /// Whether the field is a tensor's data.
    fn is_data(self, tag: u64) -> bool {
        matches!((self, tag), (Kind::Tensor, 4..=7 | 9..=11))
    }

    /// Bytes in memory of a byte of the field, at most: numbers of one byte take eight, and empty
    /// axes of a type a whole message.
    fn inflation(self, tag: u64) -> u64 {
        match (self, tag) {
            (Kind::Graph, 11..=13) => 28,
            (Kind::Tensor | Kind::SparseTensor | Kind::Attribute, _) => 8,
            _ => 1,
        }
    }

    /// Whether a field of this length is kept; `data` counts the bytes of the tensor's data.
    fn keeps(self, tag: u64, length: u64, data: &mut u64) -> bool {
        if self.is_data(tag) {
            *data = data.saturating_add(length);
            return *data <= LONGEST_DATA_BYTES;
        }
        true
    }

    /// Whether the field says nothing that is needed: documentation, and training information.
    fn is_remark(self, tag: u64) -> bool {
        matches!(
            (self, tag),
            (Kind::Model, 6 | 20) | (Kind::Graph, 10) | (Kind::Node, 6) | (Kind::Function, 8)
        )
    }
}

/// The bytes of a model without the data of its large tensors.
///
/// # Errors
/// The file cannot be read, or what is wrong with it.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let is_file = path.metadata().is_ok_and(|of| of.is_file() || of.is_dir());
    if path.exists() && !is_file {
        // A pipe cannot be sought in.
        return model(Cursor::new(source::bytes(
            path,
            source::LARGEST_FILE_BYTES,
        )?));
    }
    model(File::open(path).map_err(|error| explain(&error))?)
}

fn model(mut from: impl Read + Seek) -> Result<Vec<u8>, String> {
    let length = from.seek(SeekFrom::End(0)).map_err(|e| explain(&e))?;
    from.rewind().map_err(|e| explain(&e))?;
    if length == 0 {
        return Err("is empty; an ONNX model is expected".to_owned());
    }
    let mut reader = Reader {
        from: BufReader::with_capacity(1 << 16, from),
        at: 0,
        kept: 0,
    };
    reader.message(Kind::Model, length, 0)
}

struct Reader<R> {
    from: BufReader<R>,
    /// The offset of the next byte.
    at: u64,
    /// What the kept fields take in memory so far, at most, in bytes.
    kept: u64,
}

impl<R: Read + Seek> Reader<R> {
    /// A message that ends at `end`, without large data.
    fn message(&mut self, kind: Kind, end: u64, depth: usize) -> Result<Vec<u8>, String> {
        if depth > DEEPEST_NESTING {
            return Err(self.wrong("messages are nested too deeply"));
        }
        let mut out = Vec::new();
        let mut data = 0;
        while self.at < end {
            self.field(kind, end, depth, &mut out, &mut data)?;
        }
        if self.at > end {
            return Err(self.wrong("a field ends beyond the message that holds it"));
        }
        Ok(out)
    }

    fn field(
        &mut self,
        kind: Kind,
        end: u64,
        depth: usize,
        out: &mut Vec<u8>,
        data: &mut u64,
    ) -> Result<(), String> {
        let key = self.varint()?;
        let (tag, wire) = (key >> 3, key & 7);
        if tag == 0 {
            return Err(self.wrong("a field has the number 0"));
        }
        let length = match wire {
            0 => {
                let value = self.varint()?;
                if kind.keeps(tag, 9, data) {
                    put(out, key);
                    put(out, value);
                    self.keep(FIELD_BYTES)?;
                }
                return Ok(());
            }
            1 => 8,
            5 => 4,
            2 => self.varint()?,
            _ => return Err(self.wrong(format_args!("a field has the unknown wire type {wire}"))),
        };
        if length > end.saturating_sub(self.at) {
            return Err(self.wrong(
                "a field is longer than what is left of its message; the file is cut off or damaged",
            ));
        }
        if let Some(inside) = kind.inside(tag).filter(|_| wire == 2) {
            let message = self.message(inside, self.at + length, depth + 1)?;
            put(out, key);
            put(out, message.len() as u64);
            out.extend(message);
            return self.keep(MESSAGE_BYTES);
        }
        if kind.is_remark(tag) || !kind.keeps(tag, length, data) {
            return self.skip(length);
        }
        put(out, key);
        if wire == 2 {
            put(out, length);
        }
        self.keep(FIELD_BYTES.saturating_add(length.saturating_mul(kind.inflation(tag))))?;
        self.copy(length, out)
    }

    fn keep(&mut self, bytes: u64) -> Result<(), String> {
        self.kept = self.kept.saturating_add(bytes);
        if self.kept > LARGEST_GRAPH_BYTES {
            let mebibytes = LARGEST_GRAPH_BYTES >> 20;
            return Err(format!(
                "its graph alone, without weights, would take more than {mebibytes} MiB; is it the right file?"
            ));
        }
        Ok(())
    }

    fn copy(&mut self, length: u64, out: &mut Vec<u8>) -> Result<(), String> {
        let wanted = usize::try_from(length).map_err(|_| self.wrong("a field is too long"))?;
        let start = out.len();
        out.resize(start + wanted, 0);
        (self.from.read_exact(&mut out[start..])).map_err(|error| self.lost(&error))?;
        self.at += length;
        Ok(())
    }

    fn skip(&mut self, length: u64) -> Result<(), String> {
        let step = i64::try_from(length).map_err(|_| self.wrong("a field is too long"))?;
        (self.from.seek_relative(step)).map_err(|error| explain(&error))?;
        self.at += length;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let mut byte = [0];
            (self.from.read_exact(&mut byte)).map_err(|error| self.lost(&error))?;
            self.at += 1;
            if shift < 64 {
                value |= u64::from(byte[0] & 0x7f) << shift;
            }
            if byte[0] & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.wrong("a number has more than ten bytes"))
    }

    fn lost(&self, error: &io::Error) -> String {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.wrong("it ends in the middle of a field"),
            _ => explain(error),
        }
    }

    fn wrong(&self, what: impl std::fmt::Display) -> String {
        format!(
            "is no ONNX model, or a damaged one: {what} (byte {}); export it again",
            self.at
        )
    }
}

/// Writes a number as protobuf does.
fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}
