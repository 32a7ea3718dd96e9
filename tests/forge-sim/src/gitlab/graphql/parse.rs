//! Documents of GraphQL, as far as clients of issues write them: operations, variables, fields with
//! aliases and arguments. Fragments and directives are refused.

use serde_json::{Map, Value};

/// An operation.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) is_mutation: bool,
    pub(super) name: Option<String>,
    pub(super) variables: Vec<Variable>,
    pub(super) fields: Vec<Field>,
}

/// A variable as an operation declares it.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    /// As it is written: `[String!]`.
    pub(super) kind: String,
    pub(super) default: Option<Literal>,
}

/// A field that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// What it is called in the answer.
    pub(super) alias: String,
    pub(super) name: String,
    pub(super) arguments: Vec<(String, Literal)>,
    pub(super) fields: Vec<Field>,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A value as it is written.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    Variable(String),
    Plain(Value),
    List(Vec<Literal>),
    Object(Vec<(String, Literal)>),
}

impl Literal {
    /// The value, with variables put in. A variable that was not given is as good as not written.
    pub(super) fn value(&self, variables: &Map<String, Value>) -> Option<Value> {
        Some(match self {
            Self::Variable(name) => variables.get(name)?.clone(),
            Self::Plain(value) => value.clone(),
            Self::List(items) => items.iter().filter_map(|i| i.value(variables)).collect(),
            Self::Object(fields) => fields
                .iter()
                .filter_map(|(name, field)| Some((name.clone(), field.value(variables)?)))
                .collect(),
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Variable(String),
    Plain(Value),
    Mark(char),
}

struct Place {
    token: Token,
    line: usize,
    column: usize,
}

fn tokens(text: &str) -> Result<Vec<Place>, String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut line, mut begun) = (0, 1, 0);
    let mut found = Vec::new();
    let run = |from: usize, of: fn(char) -> bool| -> String {
        chars[from..].iter().take_while(|c| of(**c)).collect()
    };
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    while let Some(&c) = chars.get(at) {
        let (start, column) = (at, at - begun + 1);
        let token = match c {
            '\n' => {
                (line, begun) = (line + 1, at + 1);
                at += 1;
                continue;
            }
            c if c.is_whitespace() || c == ',' => {
                at += 1;
                continue;
            }
            '#' => {
                at += run(at, |c| c != '\n').chars().count();
                continue;
            }
            '"' => {
                // JSON's strings and those of GraphQL are written alike; blocks are refused.
                let mut end = at + 1;
                while chars.get(end).is_some_and(|c| *c != '"') {
                    end += if chars[end] == '\\' { 2 } else { 1 };
                }
                at = end + 1;
                let written: String = chars.get(start..at).unwrap_or_default().iter().collect();
                let text = serde_json::from_str(&written);
                Token::Plain(text.map_err(|_| format!("a string that does not end ({line})"))?)
            }
            '$' => {
                let name = run(at + 1, in_name);
                at += 1 + name.len();
                Token::Variable(name)
            }
            c if c.is_ascii_digit() || c == '-' => {
                let number = run(at, |c| c.is_ascii_digit() || "+-.eE".contains(c));
                at += number.len();
                let value = serde_json::from_str(&number);
                Token::Plain(value.map_err(|_| format!("no number: {number}"))?)
            }
            c if in_name(c) => {
                let name = run(at, in_name);
                at += name.len();
                match name.as_str() {
                    "true" => Token::Plain(Value::Bool(true)),
                    "false" => Token::Plain(Value::Bool(false)),
                    "null" => Token::Plain(Value::Null),
                    _ => Token::Name(name),
                }
            }
            c if "{}()[]:!=".contains(c) => {
                at += 1;
                Token::Mark(c)
            }
            c => {
                return Err(format!(
                    "Expected something else than \"{c}\" at [{line}, {column}]"
                ));
            }
        };
        found.push(Place {
            token,
            line,
            column,
        });
    }
    Ok(found)
}

struct Parser {
    tokens: Vec<Place>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|place| &place.token)
    }

    /// Takes this mark, if it is next.
    fn takes(&mut self, mark: char) -> bool {
        let is_next = self.peek() == Some(&Token::Mark(mark));
        self.at += usize::from(is_next);
        is_next
    }

    fn unexpected(&self) -> String {
        match self.tokens.get(self.at) {
            Some(Place {
                token,
                line,
                column,
            }) => format!("Expected something else than {token:?} at [{line}, {column}]"),
            None => "Unexpected end of document".to_owned(),
        }
    }

    fn must(&mut self, mark: char) -> Result<(), String> {
        if self.takes(mark) {
            return Ok(());
        }
        Err(self.unexpected())
    }

    fn name(&mut self) -> Result<String, String> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn operation(&mut self) -> Result<Operation, String> {
        let mut operation = Operation {
            is_mutation: false,
            name: None,
            variables: Vec::new(),
            fields: Vec::new(),
        };
        if self.peek() != Some(&Token::Mark('{')) {
            operation.is_mutation = match self.name()?.as_str() {
                "query" => false,
                "mutation" => true,
                _ => {
                    self.at -= 1;
                    return Err(self.unexpected());
                }
            };
            operation.name = self.name().ok();
            if self.takes('(') {
                while !self.takes(')') {
                    operation.variables.push(self.variable()?);
                }
            }
        }
        operation.fields = self.fields()?;
        Ok(operation)
    }

    fn variable(&mut self) -> Result<Variable, String> {
        let Some(Token::Variable(name)) = self.peek() else {
            return Err(self.unexpected());
        };
        let name = name.clone();
        self.at += 1;
        self.must(':')?;
        let kind = self.kind()?;
        let default = if self.takes('=') {
            Some(self.literal()?)
        } else {
            None
        };
        Ok(Variable {
            name,
            kind,
            default,
        })
    }

    fn kind(&mut self) -> Result<String, String> {
        let mut kind = if self.takes('[') {
            let inner = self.kind()?;
            self.must(']')?;
            format!("[{inner}]")
        } else {
            self.name()?
        };
        if self.takes('!') {
            kind.push('!');
        }
        Ok(kind)
    }

    fn fields(&mut self) -> Result<Vec<Field>, String> {
        self.must('{')?;
        let mut fields = Vec::new();
        while !self.takes('}') {
            fields.push(self.field()?);
        }
        Ok(fields)
    }

    fn field(&mut self) -> Result<Field, String> {
        let (line, column) = self
            .tokens
            .get(self.at)
            .map_or((0, 0), |place| (place.line, place.column));
        let alias = self.name()?;
        let name = if self.takes(':') {
            self.name()?
        } else {
            alias.clone()
        };
        let arguments = if self.takes('(') {
            self.named(')')?
        } else {
            Vec::new()
        };
        let fields = if self.peek() == Some(&Token::Mark('{')) {
            self.fields()?
        } else {
            Vec::new()
        };
        Ok(Field {
            alias,
            name,
            arguments,
            fields,
            line,
            column,
        })
    }

    /// `name: value` until this mark.
    fn named(&mut self, end: char) -> Result<Vec<(String, Literal)>, String> {
        let mut named = Vec::new();
        while !self.takes(end) {
            let name = self.name()?;
            self.must(':')?;
            named.push((name, self.literal()?));
        }
        Ok(named)
    }

    fn literal(&mut self) -> Result<Literal, String> {
        if self.takes('[') {
            let mut items = Vec::new();
            while !self.takes(']') {
                items.push(self.literal()?);
            }
            return Ok(Literal::List(items));
        }
        if self.takes('{') {
            return Ok(Literal::Object(self.named('}')?));
        }
        let literal = match self.peek() {
            Some(Token::Plain(value)) => Literal::Plain(value.clone()),
            Some(Token::Variable(name)) => Literal::Variable(name.clone()),
            // A word of an enumeration.
            Some(Token::Name(word)) => Literal::Plain(Value::String(word.clone())),
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(literal)
    }
}

/// Reads a document.
pub(super) fn parse(text: &str) -> Result<Vec<Operation>, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    let mut operations = Vec::new();
    while parser.peek().is_some() {
        operations.push(parser.operation()?);
    }
    Ok(operations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_have_aliases_arguments_and_places() {
        let text = "query Q($a: ID!, $n: [Int!] = [1, 2]) { # why\n  x: y(of: $a, w: UP, o: {s: \"a\\\"b\", t: null}) { z }\n}";
        let operation = parse(text).unwrap().remove(0);
        assert_eq!(operation.name.as_deref(), Some("Q"));
        assert_eq!(operation.variables[1].kind, "[Int!]");
        let field = &operation.fields[0];
        assert_eq!((field.alias.as_str(), field.name.as_str()), ("x", "y"));
        assert_eq!((field.line, field.column), (2, 3));
        assert_eq!(field.fields[0].name, "z");
        let variables = json!({"a": "gid"}).as_object().unwrap().clone();
        let values: Vec<Value> = field
            .arguments
            .iter()
            .map(|(_, literal)| literal.value(&variables).unwrap())
            .collect();
        assert_eq!(
            values,
            [json!("gid"), json!("UP"), json!({"s": "a\"b", "t": null})]
        );
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in [
            "{",
            "{ a(",
            "{ a(b:) }",
            "subscription { a }",
            "{ ...F }",
            "{ \"a }",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
