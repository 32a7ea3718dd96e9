-- Below which address a server has its pages, which may be another one than that at which it is asked; NULL
-- where that was not asked, as before this version, or there are none.
ALTER TABLE place ADD COLUMN pages TEXT;
