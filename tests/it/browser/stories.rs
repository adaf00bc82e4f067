//! Whole cases in a real browser, as the people of a school live them: week after week through the pages and forms
//! only. What is put into the database is there before the story begins: people, school, calendar. One thing has no
//! page yet and is put there in between: that a case is shared with a support service.

mod ends_well;
mod reading;
mod stage_1;
mod stage_2;
mod stage_3;
mod stage_3_declined;
mod stage_3_excluded;
mod stage_3_move;
mod stage_3_off_site;
mod stage_3_place;
mod tale;
mod ten_weeks;
mod weeks;
