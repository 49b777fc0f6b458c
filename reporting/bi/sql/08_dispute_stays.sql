-- Who had a dispute, in which stage, from when to when: without gap or overlap from opening to closing.
-- @ company_code: code of the company
-- @ dispute_id: the dispute
-- @ seq: place in its order
-- @ stage: code of the stage
-- @ status: status meanwhile
-- @ side: whose turn it was: ours, the customer's, a partner's
-- @ person: who had it
-- @ department: which department had it
-- @ started_at: from
-- @ ended_at: until; empty while it lasts
SELECT k.company_code, s.dispute_id, s.seq, stage.code AS stage, s.status, s.holder_side AS side, person.name AS person,
    team.name AS department, s.started_at, s.ended_at
FROM reporting.companies k
JOIN public.disputes_dispute d ON d.entity_id = k.company_id
JOIN public.disputes_stay s ON s.dispute_id = d.id
JOIN public.disputes_stage stage ON stage.id = s.stage_id
LEFT JOIN public.accounts_user person ON person.id = s.holder_user_id
LEFT JOIN public.accounts_department team ON team.id = s.holder_department_id
