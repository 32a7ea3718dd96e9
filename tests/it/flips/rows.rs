//! Every setting, what it is flipped from and to, and what follows.

/// A setting that is flipped.
pub(super) struct Flip {
    /// How the pair is set at first; its other settings have their defaults.
    pub(super) before: &'static str,
    /// How it is set then. The first line names the key that is flipped.
    pub(super) after: &'static str,
    /// What the next pass sends.
    pub(super) forth: &'static [&'static str],
    /// What the pass sends after it was set back.
    pub(super) back: &'static [&'static str],
    /// What is other on the target then than it was at first.
    pub(super) stays: &'static [&'static str],
}

impl Flip {
    /// The key that is flipped.
    pub(super) fn key(&self) -> &'static str {
        let line = self.after.lines().next().unwrap_or_default();
        line.split(':').next().unwrap_or_default()
    }

    /// For a person.
    pub(super) fn name(&self) -> String {
        format!("{:?} -> {:?}", self.before, self.after)
    }
}

const fn flip(
    before: &'static str,
    after: &'static str,
    forth: &'static [&'static str],
    back: &'static [&'static str],
) -> Flip {
    Flip {
        before,
        after,
        forth,
        back,
        stays: &[],
    }
}

impl Flip {
    /// The same, with something that does not come back.
    const fn leaving(mut self, stays: &'static [&'static str]) -> Self {
        self.stays = stays;
        self
    }
}

pub(super) const ROWS: &[Flip] = &[
    flip("", "sync_comments: false", &[], &[]),
    flip(
        "sync_comments: false",
        "sync_comments: true",
        &["POST issues/1/discussions/ID/notes body", "POST issues/1/notes body"],
        &[],
    )
    .leaving(&["+1 note 1", "+1 note 2"]),
    flip("", "sync_labels: false", &[], &[]),
    flip(
        "sync_labels: false",
        "sync_labels: true",
        &[
            "POST labels description name=bug",
            "POST labels description name=internal",
            "POST labels description name=ui",
            "PUT issues/1 add_labels=bug,internal",
            "PUT issues/2 add_labels=ui",
        ],
        &[],
    )
    .leaving(&["+label bug", "+label internal", "+label ui", "1 labels", "2 labels"]),
    flip(
        "",
        "label_strategy: affix\nlabel_prefix: up/",
        &[
            "POST labels description name=up/bug",
            "POST labels description name=up/internal",
            "POST labels description name=up/ui",
            "PUT issues/1 add_labels=up/bug,up/internal remove_labels=bug,internal",
            "PUT issues/2 add_labels=up/ui remove_labels=ui",
        ],
        &[
            "PUT issues/1 add_labels=bug,internal remove_labels=up/bug,up/internal",
            "PUT issues/2 add_labels=ui remove_labels=up/ui",
        ],
    )
    .leaving(&["+label up/bug", "+label up/internal", "+label up/ui"]),
    flip(
        "label_strategy: affix\nlabel_prefix: up/",
        "label_prefix: src/\nlabel_strategy: affix",
        &[
            "POST labels description name=src/bug",
            "POST labels description name=src/internal",
            "POST labels description name=src/ui",
            "PUT issues/1 add_labels=src/bug,src/internal remove_labels=up/bug,up/internal",
            "PUT issues/2 add_labels=src/ui remove_labels=up/ui",
        ],
        &[
            "PUT issues/1 add_labels=up/bug,up/internal remove_labels=src/bug,src/internal",
            "PUT issues/2 add_labels=up/ui remove_labels=src/ui",
        ],
    )
    .leaving(&["+label src/bug", "+label src/internal", "+label src/ui"]),
    flip(
        "label_strategy: affix\nlabel_prefix: up/",
        "label_suffix: '*'\nlabel_strategy: affix\nlabel_prefix: up/",
        &[
            "POST labels description name=up/bug*",
            "POST labels description name=up/internal*",
            "POST labels description name=up/ui*",
            "PUT issues/1 add_labels=up/bug*,up/internal* remove_labels=up/bug,up/internal",
            "PUT issues/2 add_labels=up/ui* remove_labels=up/ui",
        ],
        &[
            "PUT issues/1 add_labels=up/bug,up/internal remove_labels=up/bug*,up/internal*",
            "PUT issues/2 add_labels=up/ui remove_labels=up/ui*",
        ],
    )
    .leaving(&["+label up/bug*", "+label up/internal*", "+label up/ui*"]),
    flip("", "label_auto_create: false", &[], &[]),
    flip(
        "label_auto_create: false",
        "label_auto_create: true",
        &[
            "POST labels description name=bug",
            "POST labels description name=internal",
            "POST labels description name=ui",
            "PUT issues/1 add_labels=bug,internal",
            "PUT issues/2 add_labels=ui",
        ],
        &[],
    )
    .leaving(&["+label bug", "+label internal", "+label ui", "1 labels", "2 labels"]),
    flip("", "sync_attachments: false", &[], &[]),
    flip(
        "sync_attachments: false",
        "sync_attachments: true",
        &["POST uploads", "PUT issues/1 description(text)"],
        &[],
    )
    .leaving(&["1 description"]),
    flip("", "attachment_max_mb: 1", &[], &[]),
    flip(
        "attachment_max_mb: 1",
        "attachment_max_mb: 2",
        &["POST uploads", "PUT issues/1 description(text)"],
        &[],
    )
    .leaving(&["1 description"]),
    flip("", "sync_weight: false", &[], &[]),
    flip("sync_weight: false", "sync_weight: true", &["PUT issues/1 weight=3"], &[])
    .leaving(&["1 weight"]),
    flip(
        "",
        "sync_due_date: false",
        &["PUT issues/1 description(-Start date)"],
        &["PUT issues/1 description(+Start date)"],
    ),
    flip(
        "sync_due_date: false",
        "sync_due_date: true",
        &["PUT issues/1 description(+Start date) due_date=2026-12-24"],
        &["PUT issues/1 description(-Start date)"],
    )
    .leaving(&["1 due_date"]),
    flip("", "sync_time_estimate: false", &[], &[]),
    flip(
        "sync_time_estimate: false",
        "sync_time_estimate: true",
        &["POST issues/1/time_estimate duration=3600s"],
        &[],
    )
    .leaving(&["1 estimate"]),
    flip("", "sync_time_spent: false", &[], &[]),
    flip(
        "sync_time_spent: false",
        "sync_time_spent: true",
        &["POST issues/1/add_spent_time duration=1800s"],
        &[],
    )
    .leaving(&["1 spent"]),
    flip(
        "",
        "sync_milestones: false",
        &["PUT issues/1 description(-Milestone)", "PUT issues/2 description(-Milestone)"],
        &["PUT issues/1 description(+Milestone)", "PUT issues/2 description(+Milestone)"],
    ),
    flip(
        "sync_milestones: false",
        "sync_milestones: true",
        &[
            "POST labels description name=Milestone::v1",
            "POST labels description name=Milestone::v2",
            "PUT issues/1 add_labels=Milestone::v1 description(+Milestone)",
            "PUT issues/2 add_labels=Milestone::v2 description(+Milestone)",
        ],
        &["PUT issues/1 description(-Milestone)", "PUT issues/2 description(-Milestone)"],
    )
    .leaving(&["+label Milestone::v1", "+label Milestone::v2", "1 labels", "2 labels"]),
    flip(
        "",
        "milestone_strategy: by_title",
        &["PUT issues/1 description(-Milestone) milestone remove_labels=Milestone::v1"],
        &["PUT issues/1 add_labels=Milestone::v1 description(+Milestone) milestone_id=0"],
    ),
    flip(
        "milestone_strategy: by_title",
        "milestone_strategy: as_label",
        &[
            "POST labels description name=Milestone::v1",
            "PUT issues/1 add_labels=Milestone::v1 description(+Milestone) milestone_id=0",
        ],
        &["PUT issues/1 description(-Milestone) milestone remove_labels=Milestone::v1"],
    )
    .leaving(&["+label Milestone::v1"]),
    flip(
        "milestone_strategy: by_title",
        "milestone_auto_create: true\nmilestone_strategy: by_title",
        &[
            "POST milestones title=v2",
            "PUT issues/2 description(-Milestone) milestone remove_labels=Milestone::v2",
        ],
        &[],
    )
    .leaving(&["+milestone v2", "2 description", "2 labels", "2 milestone"]),
    flip(
        "milestone_strategy: by_title",
        "sync_milestones: false\nmilestone_strategy: by_title",
        &["PUT issues/2 description(-Milestone)"],
        &["PUT issues/2 description(+Milestone)"],
    ),
    flip(
        "",
        "sync_assignees: false",
        &["PUT issues/1 description(-Assignees)", "PUT issues/2 description(-Assignees)"],
        &["PUT issues/1 description(+Assignees)", "PUT issues/2 description(+Assignees)"],
    ),
    flip(
        "sync_assignees: false",
        "sync_assignees: true",
        &[
            "POST labels description name=Assignee::@alice",
            "POST labels description name=Assignee::@bob",
            "PUT issues/1 add_labels=Assignee::@alice description(+Assignees)",
            "PUT issues/2 add_labels=Assignee::@bob description(+Assignees)",
        ],
        &["PUT issues/1 description(-Assignees)", "PUT issues/2 description(-Assignees)"],
    )
    .leaving(&["+label Assignee::@alice", "+label Assignee::@bob", "1 labels", "2 labels"]),
    flip(
        "",
        "assignee_strategy: by_username",
        &["PUT issues/1 assignees=1 remove_labels=Assignee::@alice"],
        &["PUT issues/1 add_labels=Assignee::@alice assignees=nobody"],
    ),
    flip(
        "assignee_strategy: by_username",
        "assignee_strategy: as_label",
        &[
            "POST labels description name=Assignee::@alice",
            "PUT issues/1 add_labels=Assignee::@alice assignees=nobody",
        ],
        &["PUT issues/1 assignees=1 remove_labels=Assignee::@alice"],
    )
    .leaving(&["+label Assignee::@alice"]),
    flip(
        "assignee_strategy: by_username",
        "sync_assignees: false\nassignee_strategy: by_username",
        &["PUT issues/1 description(-Assignees)", "PUT issues/2 description(-Assignees)"],
        &["PUT issues/1 description(+Assignees)", "PUT issues/2 description(+Assignees)"],
    ),
    flip(
        "assignee_strategy: by_username",
        "assignee_fallback: robert\nassignee_strategy: by_username",
        &["PUT issues/2 assignees=1 remove_labels=Assignee::@bob"],
        &["PUT issues/2 add_labels=Assignee::@bob assignees=nobody"],
    ),
    flip(
        "assignee_strategy: by_username",
        "assignee_fallback: bot\nassignee_strategy: by_username",
        &["PUT issues/2 assignees=1 remove_labels=Assignee::@bob"],
        &["PUT issues/2 add_labels=Assignee::@bob assignees=nobody"],
    ),
    flip("", "assignee_strategy: by_email", &[], &[]),
    flip(
        "",
        "sync_iterations: false",
        &["PUT issues/1 description(-Iteration)"],
        &["PUT issues/1 description(+Iteration)"],
    ),
    flip(
        "sync_iterations: false",
        "sync_iterations: true",
        &[
            "POST labels description name=Iteration::Sprint",
            "PUT issues/1 add_labels=Iteration::Sprint description(+Iteration)",
        ],
        &["PUT issues/1 description(-Iteration)"],
    )
    .leaving(&["+label Iteration::Sprint", "1 labels"]),
    flip(
        "",
        "sync_epics: false",
        &["PUT issues/1 description(-Epic)"],
        &["PUT issues/1 description(+Epic)"],
    ),
    flip(
        "sync_epics: false",
        "sync_epics: true",
        &[
            "POST labels description name=Epic::&4",
            "PUT issues/1 add_labels=Epic::&4 description(+Epic)",
        ],
        &["PUT issues/1 description(-Epic)"],
    )
    .leaving(&["+label Epic::&4", "1 labels"]),
    flip("", "sync_issue_links: false", &[], &[]),
    flip(
        "sync_issue_links: false",
        "sync_issue_links: true",
        &["POST link 1 2 \"relates_to\""],
        &[],
    )
    .leaving(&["+link 1 2"]),
    flip(
        "",
        "sync_closed_issues: true",
        &[
            "POST issues description due_date= issue_type=issue labels=Mirrored-From::HOST title=Closed weight=null",
            "PUT issues/4 state_event=close",
        ],
        &[],
    )
    .leaving(&["+4 title"]),
    flip(
        "",
        "sync_confidential: true",
        &[
            "POST issues confidential=true description due_date= issue_type=issue labels=Mirrored-From::HOST title=Secret weight=null",
        ],
        &[],
    )
    .leaving(&["+4 title"]),
    flip("sync_confidential: true", "sync_confidential: false", &[], &[]),
    flip(
        "",
        "sync_internal_notes: true",
        &["POST issues/1/notes body confidential=true internal=true"],
        &[],
    )
    .leaving(&["+1 note 3"]),
    flip("sync_internal_notes: true", "sync_internal_notes: false", &[], &[]),
    flip("", "accept_low_role: true", &[], &[]),
    flip("", "sync_existing_issues: false", &[], &[]),
    flip(
        "sync_existing_issues: false",
        "mirror_since: 2\nsync_existing_issues: false",
        &[
            "POST issues description due_date= issue_type=issue labels=Assignee::@bob,Milestone::v2,Mirrored-From::HOST,ui title=Plain weight=null",
            "POST issues description due_date= issue_type=task labels=Mirrored-From::HOST title=Task weight=null",
            "POST labels description name=Assignee::@bob",
            "POST labels description name=Milestone::v2",
            "POST labels description name=Mirrored-From::HOST",
            "POST labels description name=ui",
        ],
        &[],
    )
    .leaving(&[
        "+1 title",
        "+2 title",
        "+label Assignee::@bob",
        "+label Milestone::v2",
        "+label Mirrored-From::HOST",
        "+label ui",
    ]),
    flip(
        "",
        "labels: { bug: defect, internal: null }",
        &[
            "POST labels description name=defect",
            "PUT issues/1 add_labels=defect remove_labels=bug,internal",
        ],
        &["PUT issues/1 add_labels=bug,internal remove_labels=defect"],
    )
    .leaving(&["+label defect"]),
    flip(
        "",
        "users: { alice: alice.a, bob: robert }",
        &[
            "POST labels description name=Assignee::@alice.a",
            "POST labels description name=Assignee::@robert",
            "PUT issues/1 add_labels=Assignee::@alice.a description(-Author -Assignees +Author +Assignees) remove_labels=Assignee::@alice",
            "PUT issues/1/notes/1 body(text)",
            "PUT issues/1/notes/2 body(text)",
            "PUT issues/2 add_labels=Assignee::@robert description(-Author -Assignees +Author +Assignees) remove_labels=Assignee::@bob",
            "PUT issues/3 description(-Author +Author)",
        ],
        &[
            "PUT issues/1 add_labels=Assignee::@alice description(-Author -Assignees +Author +Assignees) remove_labels=Assignee::@alice.a",
            "PUT issues/1/notes/1 body(text)",
            "PUT issues/1/notes/2 body(text)",
            "PUT issues/2 add_labels=Assignee::@bob description(-Author -Assignees +Author +Assignees) remove_labels=Assignee::@robert",
            "PUT issues/3 description(-Author +Author)",
        ],
    )
    .leaving(&["+label Assignee::@alice.a", "+label Assignee::@robert"]),
    flip(
        "assignee_strategy: by_username",
        "users: { bob: robert }\nassignee_strategy: by_username",
        &[
            "PUT issues/2 assignees=1 description(-Assignees +Assignees) remove_labels=Assignee::@bob",
        ],
        &[
            "PUT issues/2 add_labels=Assignee::@bob assignees=nobody description(-Assignees +Assignees)",
        ],
    ),
    flip(
        "",
        "milestones: { v1: one, v2: null }",
        &[
            "POST labels description name=Milestone::one",
            "PUT issues/1 add_labels=Milestone::one description(-Milestone +Milestone) remove_labels=Milestone::v1",
            "PUT issues/2 description(-Milestone) remove_labels=Milestone::v2",
        ],
        &[
            "PUT issues/1 add_labels=Milestone::v1 description(-Milestone +Milestone) remove_labels=Milestone::one",
            "PUT issues/2 add_labels=Milestone::v2 description(+Milestone)",
        ],
    )
    .leaving(&["+label Milestone::one"]),
    flip(
        "milestone_strategy: by_title",
        "milestones: { v1: null, v2: v1 }\nmilestone_strategy: by_title",
        &[
            "PUT issues/1 milestone_id=0",
            "PUT issues/2 description(-Milestone) milestone remove_labels=Milestone::v2",
        ],
        &[
            "PUT issues/1 milestone",
            "PUT issues/2 add_labels=Milestone::v2 description(+Milestone) milestone_id=0",
        ],
    ),
    flip(
        "",
        "inert_keys: [ABC]",
        &["PUT issues/1 description(text)"],
        &["PUT issues/1 description(text)"],
    ),
    flip("", "inert_keys: [XY]", &[], &[]),
    flip(
        "",
        "mentions: notify\nusers: { bob: robert }",
        &[
            "POST labels description name=Assignee::@robert",
            "PUT issues/1 description(text)",
            "PUT issues/1/notes/1 body(text)",
            "PUT issues/2 add_labels=Assignee::@robert description(-Assignees +Assignees) remove_labels=Assignee::@bob",
        ],
        &[
            "PUT issues/1 description(text)",
            "PUT issues/1/notes/1 body(text)",
            "PUT issues/2 add_labels=Assignee::@bob description(-Assignees +Assignees) remove_labels=Assignee::@robert",
        ],
    )
    .leaving(&["+label Assignee::@robert"]),
    flip(
        "users: { bob: robert }",
        "mentions: notify\nusers: { bob: robert }",
        &["PUT issues/1 description(text)", "PUT issues/1/notes/1 body(text)"],
        &["PUT issues/1 description(text)", "PUT issues/1/notes/1 body(text)"],
    ),
    flip(
        "",
        "notice: true",
        &[
            "PUT issues/1 description(+Note)",
            "PUT issues/2 description(+Note)",
            "PUT issues/3 description(+Note)",
        ],
        &[
            "PUT issues/1 description(-Note)",
            "PUT issues/2 description(-Note)",
            "PUT issues/3 description(-Note)",
        ],
    ),
    flip("", "only: { labels: [ui] }", &[], &[]),
    flip(
        "",
        "only: { exclude_labels: [ui] }",
        &["PUT issues/2 confidential=true"],
        &["PUT issues/2 confidential=false"],
    ),
    flip("", "only: { milestone: v1 }", &[], &[]),
    flip("", "only: { author: bob }", &[], &[]),
    flip("", "only: { types: [issue] }", &[], &[]),
    flip("", "only: { created_after: 2099-01-01 }", &[], &[]),
    flip("", "only: { issues: [1, 3] }", &[], &[]),
    flip(
        "only: { issues: [1] }",
        "only: { issues: [1, 3] }",
        &[
            "POST issues description due_date= issue_type=task labels=Mirrored-From::HOST title=Task weight=null",
        ],
        &[],
    )
    .leaving(&["+2 title"]),
    flip("", "update_existing: false", &[], &[]),
    flip("", "preserve_numbers: true", &[], &[]),
    flip("", "link_existing: by_title", &[], &[]),
    flip("", "sync_deletions: close", &[], &[]),
    flip("", "sync_deletions: delete", &[], &[]),
    flip("", "conflict_resolution: source", &[], &[]),
    flip(
        "",
        "provenance: opaque\nprovenance_key_env: SECRET",
        &[
            "POST labels description name=Epic::Big",
            "POST labels description name=Mirrored-From::opaque",
            "PUT issues/1 add_labels=Epic::Big,Mirrored-From::opaque description(-Source -Author -Epic -Assignees +Created +Epic) remove_labels=Assignee::@alice,Epic::&4,Mirrored-From::HOST",
            "PUT issues/1/notes/1 body(text)",
            "PUT issues/1/notes/2 body(text)",
            "PUT issues/2 add_labels=Mirrored-From::opaque description(-Source -Author -Assignees +Created) remove_labels=Assignee::@bob,Mirrored-From::HOST",
            "PUT issues/3 add_labels=Mirrored-From::opaque description(-Source -Author +Created) remove_labels=Mirrored-From::HOST",
        ],
        &[
            "PUT issues/1 add_labels=Assignee::@alice,Epic::&4,Mirrored-From::HOST description(-Created -Epic +Source +Author +Epic +Assignees) remove_labels=Epic::Big,Mirrored-From::opaque",
            "PUT issues/1/notes/1 body(text)",
            "PUT issues/1/notes/2 body(text)",
            "PUT issues/2 add_labels=Assignee::@bob,Mirrored-From::HOST description(-Created +Source +Author +Assignees) remove_labels=Mirrored-From::opaque",
            "PUT issues/3 add_labels=Mirrored-From::HOST description(-Created +Source +Author) remove_labels=Mirrored-From::opaque",
        ],
    )
    .leaving(&["+label Epic::Big", "+label Mirrored-From::opaque"]),
    flip(
        "",
        "provenance_key_env: SECRET\nprovenance: opaque",
        &[
            "POST labels description name=Epic::Big",
            "POST labels description name=Mirrored-From::opaque",
            "PUT issues/1 add_labels=Epic::Big,Mirrored-From::opaque description(-Source -Author -Epic -Assignees +Created +Epic) remove_labels=Assignee::@alice,Epic::&4,Mirrored-From::HOST",
            "PUT issues/1/notes/1 body(text)",
            "PUT issues/1/notes/2 body(text)",
            "PUT issues/2 add_labels=Mirrored-From::opaque description(-Source -Author -Assignees +Created) remove_labels=Assignee::@bob,Mirrored-From::HOST",
            "PUT issues/3 add_labels=Mirrored-From::opaque description(-Source -Author +Created) remove_labels=Mirrored-From::HOST",
        ],
        &[
            "PUT issues/1 add_labels=Assignee::@alice,Epic::&4,Mirrored-From::HOST description(-Created -Epic +Source +Author +Epic +Assignees) remove_labels=Epic::Big,Mirrored-From::opaque",
            "PUT issues/1/notes/1 body(text)",
            "PUT issues/1/notes/2 body(text)",
            "PUT issues/2 add_labels=Assignee::@bob,Mirrored-From::HOST description(-Created +Source +Author +Assignees) remove_labels=Mirrored-From::opaque",
            "PUT issues/3 add_labels=Mirrored-From::HOST description(-Created +Source +Author) remove_labels=Mirrored-From::opaque",
        ],
    )
    .leaving(&["+label Epic::Big", "+label Mirrored-From::opaque"]),
    flip("", "bulk_import: never", &[], &[]),
    flip("", "enabled: false", &[], &[]),
    flip("", "direction: target_to_source", &[], &[]),
    flip("", "sync_interval_minutes: 1", &[], &[]),
    flip("", "full_every: 1d", &[], &[]),
    flip("", "max_creates: 5", &[], &[]),
];
