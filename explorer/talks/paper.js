// Pages for paper: one for each press, or one a scene with its notes.
function printed(withNotes) {
  document.body.classList.add("printed");
  document.body.classList.toggle("handout", withNotes);
  for (const data of talk.scenes) {
    const { takes } = new Scene(talk, data, STAGE.height);
    for (let press = withNotes ? takes : 0; press <= takes; press += 1) {
      const scene = new Scene(talk, data, STAGE.height);
      const page = element("div", "page");
      if (withNotes) page.append(element("div", "", "", element("div", "mini", "", scene.section)), element("div", "text", data.notes));
      else page.append(scene.section);
      document.body.append(page);
      scene.begin?.();
      scene.show(press);
    }
  }
}
