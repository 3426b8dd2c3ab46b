// What this page is: pages for paper, the walk of a rehearsal, of a film or through pictures, the presenter's window or phone, the audience's page, or the
// window of the room.

const [mode, code] = location.hash.slice(1).split("=");
if (mode === "print" || mode === "handout") printed(mode === "handout");
else if (mode === "presenter" && talk.room && !talk.room.presents) enter(code);
else if (mode === "presenter") new Desk();
else if (mode === "check") rehearsal().catch(failed);
else if (mode === "svg") drawn().catch(failed);
else if (mode === "film") filmed().catch(failed);
else if (talk.room && !talk.room.presents) new Audience();
else new Show();
