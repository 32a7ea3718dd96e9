//! Labels of a project, with those of its groups.
//! <https://docs.gitlab.com/api/labels/>

use super::super::http::Call;
use super::super::{ErrorKind, ForgeError};
use super::{Gitlab, PAGE, convert, wire};
use crate::model::Label;
use reqwest::Method;
use std::collections::BTreeMap;

/// What a second label of one title is answered with.
const IS_THERE: Option<u16> = Some(409);

impl Gitlab {
    pub(super) async fn all_labels(&self) -> Result<Vec<Label>, ForgeError> {
        let mut labels = Vec::new();
        let mut ids = BTreeMap::new();
        for page in 1.. {
            let call = Call::get(self.below(&["labels"]))
                .query("per_page", PAGE)
                .query("page", page);
            let found: Vec<wire::Label> = self.send(call).await?.read()?;
            let more = found.len() == PAGE;
            for label in found {
                ids.insert(label.name.clone(), label.id);
                labels.push(convert::label(label));
            }
            if !more {
                break;
            }
        }
        *self.labels.lock().await = ids;
        Ok(labels)
    }

    /// Creates a label; that it is there already is as good. One that would be called otherwise is
    /// `Unsupported`: nobody would find it again by its title.
    pub(super) async fn make_label(&self, label: Label) -> Result<(), ForgeError> {
        self.check().await?;
        let call = Call::new(Method::POST, self.below(&["labels"]));
        let otherwise = |made: &str| {
            let said = format!("it would be called `{made}` there");
            ForgeError::new(
                ErrorKind::Unsupported,
                format!("label {}", label.name),
                said,
            )
        };
        match self.send(call.json(convert::label_body(&label))).await {
            Err(error) if error.status == IS_THERE => {
                let all = self.all_labels().await?;
                if all.iter().any(|there| there.name == label.name) {
                    return Ok(());
                }
                Err(otherwise("something else"))
            }
            Err(error) => Err(ForgeError {
                doing: format!("{} (the label `{}`)", error.doing, label.name),
                ..error
            }),
            Ok(reply) => {
                let made: wire::Label = reply.read()?;
                let same = made.name == label.name;
                let answer = if same {
                    Ok(())
                } else {
                    Err(otherwise(&made.name))
                };
                self.labels.lock().await.insert(made.name, made.id);
                answer
            }
        }
    }

    pub(super) async fn change_label(&self, label: Label) -> Result<(), ForgeError> {
        self.check().await?;
        // By number, because a name of digits would be taken for one.
        let id = self.labels.lock().await.get(&label.name).copied();
        let Some(id) = id else {
            let doing = format!("label {}", label.name);
            return Err(ForgeError::new(
                ErrorKind::NotFound,
                doing,
                "it is not there",
            ));
        };
        let id = id.to_string();
        let call = Call::new(Method::PUT, self.below(&["labels", &id]));
        let body = serde_json::json!({
            "color": convert::label_body(&label)["color"],
            "description": label.description,
        });
        let reply = self.send(call.json(body)).await?;
        reply.read::<wire::Label>().map(drop)
    }
}
