//! Writing: issues and comments are made, changed and deleted. Whoever writes makes sure first that the
//! path still leads to the project.
//! <https://docs.gitlab.com/api/issues/>, <https://docs.gitlab.com/api/notes/>

use super::lengths::{self, NOTE, TEXT};
use super::{Gitlab, convert, wire};
use crate::forge::http::{Call, Kind};
use crate::forge::{ErrorKind, ForgeError, Sending};
use crate::model::{
    Comment, CommentId, CommentPatch, Issue, IssueNumber, NewComment, NewIssue, Patch,
};
use reqwest::Method;

impl Gitlab {
    pub(super) async fn make_issue(
        &self,
        new: NewIssue,
        sending: Sending<'_>,
    ) -> Result<Issue, ForgeError> {
        self.check().await?;
        let us = self.us().await?;
        let mut body = convert::new_issue(&new);
        self.name_milestone(&mut body, &new.fields).await?;
        self.name_assignees(&mut body, &new.fields, None).await?;
        let post = |body: serde_json::Map<String, serde_json::Value>| {
            let call = Call::new(Method::POST, self.below(&["issues"]));
            let call = call.counts_as(Kind::Issue).telling(sending);
            call.json(body.into())
        };
        let reply = self.send_kind(body, post).await;
        let reply = reply.map_err(|error| lengths::heard(error, TEXT, &new.description))?;
        let issue: wire::Issue = reply.read().map_err(ForgeError::of_unknown_fate)?;
        Ok(convert::issue(&issue, us, self.client.now()))
    }

    pub(super) async fn change(
        &self,
        number: IssueNumber,
        patch: Patch,
        sending: Sending<'_>,
    ) -> Result<Issue, ForgeError> {
        self.check().await?;
        let mut begun = false;
        let changed = self
            .change_stepwise(number, patch, sending, &mut begun)
            .await;
        // Of a change of several steps, some may be done.
        changed.map_err(|error| {
            if begun {
                error.of_unknown_fate()
            } else {
                error
            }
        })
    }

    /// Changes an issue by as many requests as it takes. `begun`: one of them was carried out.
    async fn change_stepwise(
        &self,
        number: IssueNumber,
        patch: Patch,
        sending: Sending<'_>,
        begun: &mut bool,
    ) -> Result<Issue, ForgeError> {
        let us = self.us().await?;
        let iid = number.to_string();
        let mut body = convert::patch(&patch);
        self.name_milestone(&mut body, &patch).await?;
        self.name_assignees(&mut body, &patch, Some(number)).await?;
        // What the answers to the other steps do not have is read before them.
        let writes = !body.is_empty();
        let put = |body: serde_json::Map<String, serde_json::Value>| {
            let path = self.below(&["issues", &iid]);
            if body.is_empty() {
                return Call::get(path);
            }
            Call::new(Method::PUT, path).json(body.into())
        };
        let reply = self.send_kind(body, put).await.map_err(|error| {
            let text = patch.description.as_deref().unwrap_or_default();
            lengths::heard(error, TEXT, text)
        })?;
        *begun = writes;
        let answer: wire::Issue = reply.read()?;
        let mut answer = self.open_locked(&iid, &patch, answer).await?;
        if let Some(seconds) = patch.time_estimate {
            let call = match seconds {
                0 => Call::new(
                    Method::POST,
                    self.below(&["issues", &iid, "reset_time_estimate"]),
                ),
                _ => Call::new(Method::POST, self.below(&["issues", &iid, "time_estimate"]))
                    .json(serde_json::json!({ "duration": format!("{seconds}s") })),
            };
            self.log(call, &mut answer, begun).await?;
        }
        if let Some(seconds) = patch.add_time_spent {
            let call = Call::new(
                Method::POST,
                self.below(&["issues", &iid, "add_spent_time"]),
            )
            .json(serde_json::json!({ "duration": format!("{seconds}s") }))
            .telling(sending);
            self.log(call, &mut answer, begun).await?;
        }
        Ok(convert::issue(&answer, us, self.client.now()))
    }

    /// Changes a time of an issue. Whoever may not is refused; what else was changed is done, so the
    /// answer only tells that the time is what it was.
    async fn log(
        &self,
        call: Call<'_>,
        answer: &mut wire::Issue,
        begun: &mut bool,
    ) -> Result<(), ForgeError> {
        match self.send(call).await {
            Err(error) if error.kind == ErrorKind::Denied => Ok(()),
            reply => {
                let reply = reply?;
                *begun = true;
                answer.time_stats = Some(reply.read()?);
                Ok(())
            }
        }
    }

    pub(super) async fn drop_issue(&self, number: IssueNumber) -> Result<(), ForgeError> {
        self.check().await?;
        let iid = number.to_string();
        let path = self.below(&["issues", &iid]);
        self.send(Call::new(Method::DELETE, path)).await.map(drop)
    }

    pub(super) async fn make_comment(
        &self,
        number: IssueNumber,
        new: NewComment,
        sending: Sending<'_>,
    ) -> Result<Comment, ForgeError> {
        self.check().await?;
        let iid = number.to_string();
        let heard = |error| lengths::heard(error, NOTE, &new.body);
        if let Some(answer) = self.reply(number, &new, sending).await.map_err(heard)? {
            return Ok(answer);
        }
        let call = Call::new(Method::POST, self.below(&["issues", &iid, "notes"]))
            .counts_as(Kind::Comment)
            .telling(sending);
        let written = self.written(call.json(convert::new_comment(&new))).await;
        written.map_err(heard)
    }

    pub(super) async fn change_comment(
        &self,
        number: IssueNumber,
        comment: CommentId,
        patch: CommentPatch,
    ) -> Result<Comment, ForgeError> {
        self.check().await?;
        let (iid, id) = (number.to_string(), comment.to_string());
        let call = Call::new(Method::PUT, self.below(&["issues", &iid, "notes", &id]));
        let body = serde_json::json!({ "body": patch.body });
        let written = self.written(call.json(body)).await;
        written.map_err(|error| lengths::heard(error, NOTE, &patch.body))
    }

    pub(super) async fn drop_comment(
        &self,
        number: IssueNumber,
        comment: CommentId,
    ) -> Result<(), ForgeError> {
        self.check().await?;
        let (iid, id) = (number.to_string(), comment.to_string());
        let path = self.below(&["issues", &iid, "notes", &id]);
        let reply = self.send(Call::new(Method::DELETE, path)).await?;
        // Whatever stands in between answers 200 with a page of its own, and nothing was done.
        if reply.status.as_u16() != 204 {
            reply
                .read::<serde_json::Value>()
                .map_err(ForgeError::of_unknown_fate)?;
        }
        Ok(())
    }

    /// Sends a comment; what the forge took for commands alone is none.
    pub(super) async fn written(&self, call: Call<'_>) -> Result<Comment, ForgeError> {
        let us = self.us().await?;
        let reply = self.send(call).await?;
        if reply.status.as_u16() == 202 {
            let said = "it took the whole comment for commands and kept nothing of it";
            return Err(ForgeError::new(ErrorKind::Rejected, reply.doing, said).of_unknown_fate());
        }
        let note: wire::Note = reply.read().map_err(ForgeError::of_unknown_fate)?;
        convert::comment(&note, us, None).ok_or_else(|| {
            ForgeError::new(
                ErrorKind::Malformed,
                reply.doing,
                "it answered a note of its own",
            )
            .of_unknown_fate()
        })
    }
}
