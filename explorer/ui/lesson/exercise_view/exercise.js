// A step's equation with blanks. What is typed goes to the core, which judges it; here it is only shown. Words come from
// outside: they enter the page as text, never as HTML.

const PAUSE = 350; // milliseconds after the last key until an answer is judged
const MARKS = { right: "✓", close: "≈", wrong: "✗", unreadable: "?" };

const exercises = new WeakMap(); // root of an instance → its exercise
const unsent = new Map(); // signature → what was typed at the very moment in which the page turned

export default function ({ data, parentElement, setStateValue }) {
  const signature = JSON.stringify([data.drawn, data.blanks]);
  let view = exercises.get(parentElement);
  if (view?.signature !== signature) {
    view?.stop();
    view = new Exercise(parentElement, data, signature);
    exercises.set(parentElement, view);
  }
  view.send = (answers) => setStateValue("answers", answers);
  view.report();
  view.judge(data.verdicts);
  return () => {
    view.stop();
    exercises.delete(parentElement);
  };
}

class Exercise {
  constructor(parentElement, { drawn, blanks, answers, longest, texts }, signature) {
    Object.assign(this, { signature, texts, blanks, longest, verdicts: {}, current: null, unfolded: null });
    this.answers = Object.fromEntries(blanks.map(({ number }) => [number, answers[number] ?? ""]));
    const typed = unsent.get(signature) ?? this.answers;
    unsent.delete(signature);
    this.boxes = new Map(blanks.map((blank) => [blank.number, this.box(blank, typed[blank.number])]));
    // The server takes an answer and the turn of a page one after the other: who turns the page keeps the answer here
    // until it stands there again.
    this.turning = ({ key }) => (this.isTurning = key.startsWith("Page"));
    addEventListener("keydown", this.turning, { capture: true });
    this.root = node("div", "exercise");
    this.said = node("div", "said");
    this.said.setAttribute("role", "status");
    this.said.setAttribute("aria-label", texts.status);
    parentElement.append(this.root);
    this.view = draw(this.root, drawn, { blank: (number) => this.boxes.get(number) });
    this.root.append(this.said);
  }

  box({ number, label }, typed) {
    const input = node("input");
    Object.assign(input, { type: "text", size: 1, maxLength: this.longest, autocomplete: "off", spellcheck: false, placeholder: `(${number})`, value: typed });
    input.setAttribute("aria-label", filled(this.texts.blank, { number, cell: label }));
    const mark = node("span", "mark");
    mark.setAttribute("aria-hidden", "true");
    input.addEventListener("input", () => {
      this.current = number;
      this.unfolded = null;
      this.show();
      this.reportSoon();
    });
    input.addEventListener("focus", () => {
      this.current = number;
      this.show();
    });
    input.addEventListener("blur", () => this.reportSoon());
    input.addEventListener("keydown", (event) => {
      const by = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!by || event.isComposing) return;
      event.preventDefault();
      this.report();
      this.move(number, by);
    });
    return node("div", "answer", input, mark);
  }

  input(number) {
    return this.boxes.get(number).querySelector("input");
  }

  move(number, by) {
    const place = this.blanks.findIndex((blank) => blank.number === number) + by;
    if (this.blanks[place]) this.input(this.blanks[place].number).focus();
  }

  // All answers at once, so that none is lost where two are given faster than the core judges.
  report() {
    clearTimeout(this.timer);
    const { typed } = this;
    if (!typed || this.isTurning) return;
    this.answers = typed;
    this.send(typed);
  }

  reportSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(), PAUSE);
  }

  // What stands there, where it is not what was sent.
  get typed() {
    const answers = Object.fromEntries(this.blanks.map(({ number }) => [number, this.input(number).value]));
    return JSON.stringify(answers) === JSON.stringify(this.answers) ? null : answers;
  }

  judge(verdicts) {
    this.verdicts = verdicts;
    this.show();
  }

  // What the core said, of answers that still stand there.
  verdict(number) {
    const verdict = this.verdicts[number];
    return verdict?.text === this.input(number).value ? verdict : null;
  }

  show() {
    for (const { number } of this.blanks) {
      const [box, input, verdict] = [this.boxes.get(number), this.input(number), this.verdict(number)];
      if (verdict) box.dataset.grade = verdict.grade;
      else delete box.dataset.grade;
      box.querySelector(".mark").textContent = verdict ? MARKS[verdict.grade] : "";
      if (verdict && ["wrong", "unreadable"].includes(verdict.grade)) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    const blank = this.blanks.find(({ number }) => number === this.current);
    const verdict = blank && this.verdict(blank.number);
    const sentence = verdict ? `${filled(this.texts.of, { number: blank.number, cell: blank.label })} ${verdict.sentence}` : "";
    const how = verdict?.how && (this.unfolded === blank.number ? [node("p", "", verdict.how)] : [this.button(blank.number)]);
    const text = JSON.stringify([sentence, verdict?.how, this.unfolded]);
    if (text !== this.shown) this.said.replaceChildren(...(sentence ? [node("p", "", sentence), ...(how || [])] : []));
    this.shown = text;
    this.view.light(0, verdict?.grade === "wrong" ? blank.takes : []);
  }

  button(number) {
    const made = node("button", "", this.texts.how);
    made.type = "button";
    made.onclick = () => {
      this.unfolded = number;
      this.show();
    };
    return made;
  }

  stop() {
    clearTimeout(this.timer);
    removeEventListener("keydown", this.turning, { capture: true });
    if (this.typed) unsent.set(this.signature, this.typed);
    this.view.stop();
    this.root.remove();
  }
}
