-- Disputes, where they stand now and how they ended.
-- @ company_code: code of the company
-- @ dispute_id: number of the dispute in the database
-- @ ref: its reference
-- @ customer_id: the customer
-- @ customer_code: code of the customer
-- @ status: open, in_progress, waiting..., solved, rejected, withdrawn
-- @ reason: code of the reason the customer states
-- @ root_cause: code of the root cause found
-- @ route: code of its route
-- @ stage: code of its stage
-- @ holder_side: whose turn it is
-- @ holder: name of the person or department whose turn it is
-- @ coordinator: who answers for it
-- @ currency: currency of its amounts
-- @ amount: amount in dispute
-- @ opened_on: day it was opened
-- @ opened_via: through which door
-- @ due_at: deadline of the stage
-- @ closed_on: day it was closed
-- @ verdict: whether it was justified
-- @ resolution: how it was settled
-- @ settled_amount: amount of the outcome
SELECT k.company_code, d.id AS dispute_id, 'D-' || lpad(d.number::text, 6, '0') AS ref, d.customer_id, c.code AS customer_code,
    d.status, reason.code AS reason, cause.code AS root_cause, route.code AS route, stage.code AS stage, d.holder_side,
    coalesce(holder.name, team.name) AS holder, coordinator.name AS coordinator, d.currency, d.amount, d.opened_on, d.opened_via,
    d.due_at, d.closed_on, o.verdict, o.resolution, o.amount AS settled_amount
FROM reporting.companies k
JOIN public.disputes_dispute d ON d.entity_id = k.company_id
JOIN public.ledger_customer c ON c.id = d.customer_id
JOIN public.disputes_reason reason ON reason.id = d.reason_id
LEFT JOIN public.disputes_reason cause ON cause.id = d.root_cause_id
JOIN public.disputes_routeversion version ON version.id = d.route_version_id
JOIN public.disputes_route route ON route.id = version.route_id
JOIN public.disputes_stage stage ON stage.id = d.stage_id
LEFT JOIN public.accounts_user holder ON holder.id = d.holder_user_id
LEFT JOIN public.accounts_department team ON team.id = d.holder_department_id
JOIN public.accounts_user coordinator ON coordinator.id = d.coordinator_id
LEFT JOIN public.disputes_outcome o ON o.dispute_id = d.id
