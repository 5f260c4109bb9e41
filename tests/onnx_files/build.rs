//! ONNX files written byte by byte.

/// A message under construction.
#[derive(Clone, Default)]
pub struct Message(pub Vec<u8>);

/// Writes a number as protobuf does.
pub fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).expect("seven bits") | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).expect("seven bits"));
}

impl Message {
    /// With an integer.
    pub fn int(mut self, tag: u64, value: i64) -> Self {
        number(&mut self.0, tag << 3);
        number(&mut self.0, value.cast_unsigned());
        self
    }

    /// With bytes, a text or a message.
    pub fn bytes(mut self, tag: u64, value: impl AsRef<[u8]>) -> Self {
        number(&mut self.0, tag << 3 | 2);
        number(&mut self.0, value.as_ref().len() as u64);
        self.0.extend(value.as_ref());
        self
    }

    /// With several messages under one tag.
    pub fn all(self, tag: u64, messages: &[Message]) -> Self {
        messages.iter().fold(self, |own, m| own.bytes(tag, &m.0))
    }
}

/// A tensor whose data is stored elsewhere.
pub fn weight(name: &str, dims: &[i64]) -> Message {
    let shape = dims.iter().fold(Message::default(), |m, &d| m.int(1, d));
    shape.int(2, 1).bytes(8, name).int(14, 1)
}

/// A small tensor of integers.
pub fn ints(name: &str, dims: &[i64], values: &[i64]) -> Message {
    let shape = dims.iter().fold(Message::default(), |m, &d| m.int(1, d));
    let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    shape.int(2, 7).bytes(8, name).bytes(9, data)
}

/// A value with its type and shape; a size below zero stands for a name.
pub fn value(name: &str, kind: i64, dims: &[i64]) -> Message {
    let dimension = |&d: &i64| match d {
        -1 => Message::default().bytes(2, "batch"),
        -2 => Message::default(),
        -3 => Message::default().bytes(2, "seq"),
        d => Message::default().int(1, d),
    };
    let dims: Vec<Message> = dims.iter().map(dimension).collect();
    let shape = Message::default().all(1, &dims);
    let tensor = Message::default().int(1, kind).bytes(2, shape.0);
    let kind = Message::default().bytes(1, tensor.0);
    Message::default().bytes(1, name).bytes(2, kind.0)
}

/// A node with its attributes.
pub fn node(op: &str, inputs: &[&str], outputs: &[&str], attributes: &[Message]) -> Message {
    let node = inputs.iter().fold(Message::default(), |m, i| m.bytes(1, i));
    let node = outputs.iter().fold(node, |m, o| m.bytes(2, o));
    node.bytes(3, format!("my_{op}"))
        .bytes(4, op)
        .all(5, attributes)
}

/// An attribute: an integer.
pub fn int(name: &str, value: i64) -> Message {
    Message::default().bytes(1, name).int(3, value).int(20, 2)
}

/// An attribute: a list of integers.
pub fn list(name: &str, values: &[i64]) -> Message {
    let list = values
        .iter()
        .fold(Message::default().bytes(1, name), |m, &v| m.int(8, v));
    list.int(20, 7)
}

/// An attribute: a text.
pub fn text(name: &str, value: &str) -> Message {
    Message::default().bytes(1, name).bytes(4, value).int(20, 3)
}

/// An attribute: a graph.
pub fn graph_attribute(name: &str, graph: &Message) -> Message {
    Message::default()
        .bytes(1, name)
        .bytes(6, &graph.0)
        .int(20, 5)
}

/// A graph.
pub fn graph(
    nodes: &[Message],
    weights: &[Message],
    inputs: &[Message],
    outputs: &[Message],
) -> Message {
    Message::default()
        .all(1, nodes)
        .bytes(2, "graph")
        .all(5, weights)
        .all(11, inputs)
        .all(12, outputs)
}

/// A model of one graph.
pub fn model(graph: &Message) -> Message {
    let opset = Message::default().bytes(1, "").int(2, 17);
    Message::default()
        .int(1, 8)
        .bytes(2, "tests")
        .bytes(7, &graph.0)
        .bytes(8, opset.0)
}

/// The output's shape is left open.
pub fn untyped(name: &str) -> Message {
    Message::default().bytes(1, name)
}
