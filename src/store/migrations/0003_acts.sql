-- What was decided in one act is undone in one; what an answer rested on is kept beside it.
ALTER TABLE decision ADD COLUMN act INTEGER;
ALTER TABLE decision ADD COLUMN kind TEXT;
ALTER TABLE decision ADD COLUMN followed INTEGER;
ALTER TABLE decision ADD COLUMN why TEXT NOT NULL DEFAULT '';
