//! What may be asked for: types, their fields and arguments, and what a question costs.

use super::parse::{Field, Operation};
use serde_json::{Map, Value};

/// What a field is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definition {
    /// Its type; `""` for a value without fields.
    pub(super) kind: &'static str,
    arguments: &'static [&'static str],
    /// It is paged and looks for its rows itself, which costs more.
    resolves: bool,
}

const PAGING: &[&str] = &["first", "last", "after", "before"];
const ISSUES: &[&str] = &[
    "first",
    "last",
    "after",
    "before",
    "iid",
    "iids",
    "state",
    "sort",
    "search",
    "labelName",
    "authorUsername",
    "updatedAfter",
    "updatedBefore",
    "createdAfter",
    "createdBefore",
    "types",
];
const NOTES: &[&str] = &["first", "last", "after", "before", "filter", "sort"];

/// The fields of a type.
pub(super) fn field(of: &str, name: &str) -> Option<Definition> {
    let plain = |kind, arguments| Definition {
        kind,
        arguments,
        resolves: false,
    };
    let paged = |kind, arguments| Definition {
        kind,
        arguments,
        resolves: true,
    };
    Some(match (of, name) {
        ("Query", "project") => plain("Project", &["fullPath"]),
        ("Query", "currentUser") => plain("User", &[]),
        ("Query", "queryComplexity") => plain("QueryComplexity", &[]),
        ("QueryComplexity", "score" | "limit") => plain("", &[]),
        ("Project", "id" | "fullPath" | "name" | "webUrl") => plain("", &[]),
        ("Project", "issue") => plain("Issue", &["iid"]),
        ("Project", "issues") => paged("IssueConnection", ISSUES),
        ("IssueConnection", "count") => plain("", &[]),
        (
            "IssueConnection" | "NoteConnection" | "UserConnection" | "LabelConnection",
            "pageInfo",
        ) => plain("PageInfo", &[]),
        ("PageInfo", "hasNextPage" | "hasPreviousPage" | "startCursor" | "endCursor") => {
            plain("", &[])
        }
        ("IssueConnection", "nodes") => plain("Issue", &[]),
        ("NoteConnection", "nodes") => plain("Note", &[]),
        ("UserConnection", "nodes") => plain("User", &[]),
        ("LabelConnection", "nodes") => plain("Label", &[]),
        (
            "Issue",
            "id" | "iid" | "title" | "description" | "state" | "type" | "confidential"
            | "discussionLocked" | "createdAt" | "updatedAt" | "closedAt" | "dueDate" | "webUrl"
            | "timeEstimate" | "totalTimeSpent" | "userNotesCount" | "moved",
        ) => plain("", &[]),
        ("Issue" | "Note", "author") => plain("User", &[]),
        ("Issue", "assignees") => plain("UserConnection", PAGING),
        ("Issue", "labels") => paged("LabelConnection", PAGING),
        ("Issue", "milestone") => plain("Milestone", &[]),
        ("Issue", "movedTo") => plain("Issue", &[]),
        ("Issue", "notes") => paged("NoteConnection", NOTES),
        ("User", "id" | "username" | "name") => plain("", &[]),
        ("Label", "id" | "title" | "color" | "description") => plain("", &[]),
        ("Milestone", "id" | "iid" | "title") => plain("", &[]),
        (
            "Note",
            "id" | "body" | "system" | "internal" | "createdAt" | "updatedAt" | "lastEditedAt"
            | "url",
        ) => plain("", &[]),
        ("Note", "discussion") => plain("Discussion", &[]),
        ("Discussion", "id") => plain("", &[]),
        ("Mutation", "createNote") => plain("CreateNotePayload", &["input"]),
        ("Mutation", "createIssue") => plain("CreateIssuePayload", &["input"]),
        ("CreateNotePayload" | "CreateIssuePayload", "errors" | "clientMutationId") => {
            plain("", &[])
        }
        ("CreateNotePayload", "note") => plain("Note", &[]),
        ("CreateIssuePayload", "issue") => plain("Issue", &[]),
        _ => return None,
    })
}

/// What the input of a mutation may hold. A note cannot be given a time (reference §6.4).
fn input_of(mutation: &str) -> (&'static str, &'static [&'static str]) {
    match mutation {
        "createNote" => (
            "CreateNoteInput",
            &[
                "noteableId",
                "body",
                "internal",
                "discussionId",
                "clientMutationId",
            ],
        ),
        _ => (
            "CreateIssueInput",
            &[
                "projectPath",
                "title",
                "description",
                "iid",
                "createdAt",
                "confidential",
                "labels",
                "dueDate",
                "clientMutationId",
            ],
        ),
    }
}

/// What is wrong with an operation, before anything of it is carried out.
pub(super) fn check(operation: &Operation, variables: &Map<String, Value>) -> Vec<String> {
    let mut wrong = Vec::new();
    for variable in &operation.variables {
        let given = variables
            .get(&variable.name)
            .is_some_and(|value| !value.is_null());
        if variable.kind.ends_with('!') && !given && variable.default.is_none() {
            wrong.push(format!(
                "Variable ${} of type {} was provided invalid value",
                variable.name, variable.kind
            ));
        }
    }
    let root = if operation.is_mutation {
        "Mutation"
    } else {
        "Query"
    };
    check_fields(root, &operation.fields, variables, &mut wrong);
    wrong
}

fn check_fields(
    of: &str,
    fields: &[Field],
    variables: &Map<String, Value>,
    wrong: &mut Vec<String>,
) {
    for asked in fields {
        let name = &asked.name;
        let Some(found) = field(of, name) else {
            wrong.push(format!("Field '{name}' doesn't exist on type '{of}'"));
            continue;
        };
        for (argument, literal) in &asked.arguments {
            if !found.arguments.contains(&argument.as_str()) {
                wrong.push(format!(
                    "Field '{name}' doesn't accept argument '{argument}'"
                ));
            }
            let Some(Value::Object(input)) = literal.value(variables) else {
                continue;
            };
            let (kind, known) = input_of(name);
            for unknown in input.keys().filter(|key| !known.contains(&key.as_str())) {
                wrong.push(format!(
                    "InputObject '{kind}' doesn't accept argument '{unknown}'"
                ));
            }
        }
        match (found.kind, asked.fields.is_empty()) {
            ("", false) => wrong.push(format!(
                "Selections can't be made on scalars (field '{name}' returns a scalar but has selections)"
            )),
            ("", true) => {}
            (kind, true) => wrong.push(format!(
                "Field must have selections (field '{name}' returns {kind} but has no selections.)"
            )),
            (kind, false) => check_fields(kind, &asked.fields, variables, wrong),
        }
    }
}

/// What an operation costs (reference §6.1).
pub(super) fn complexity(operation: &Operation, variables: &Map<String, Value>) -> u64 {
    let root = if operation.is_mutation {
        "Mutation"
    } else {
        "Query"
    };
    cost(root, &operation.fields, variables)
}

fn cost(of: &str, fields: &[Field], variables: &Map<String, Value>) -> u64 {
    let each = |asked: &Field| {
        let Some(found) = field(of, &asked.name) else {
            return 1;
        };
        let below = cost(found.kind, &asked.fields, variables);
        if !found.resolves {
            return 1 + below;
        }
        let argument = |name: &str| {
            let mut arguments = asked.arguments.iter();
            arguments.find(|(n, _)| n == name)?.1.value(variables)
        };
        let rows = argument("first").or_else(|| argument("last"));
        let rows = rows.and_then(|rows| rows.as_u64()).unwrap_or(100).min(100);
        let more = [("sort", 1), ("search", 5), ("labelName", 2)];
        let more: u64 = more
            .into_iter()
            .filter_map(|(name, more)| argument(name).map(|_| more))
            .sum();
        (below + 1 + more) * (100 + rows) / 100
    };
    fields.iter().map(each).sum()
}
