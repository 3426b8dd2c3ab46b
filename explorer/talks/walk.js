// The window of the room, walked through by itself: to be checked, or to be filmed. Who serves the page takes the outcome.

const FILM_FRAMES = 25; // a second
const FILM_STOP = 1500; // milliseconds that each press stands
const SETTLED = 120; // milliseconds in which an equation that was just asked for is drawn
const LAST_PRESS = 99; // of a scene: more than it takes shows all of it

// Go on, press by press, and call what is to be done with each scene's presses and at its end.
async function walk(show, { onPress, onScene = () => {} }) {
  for (let place = 0; place < talk.scenes.length; place += 1) {
    for (let press = 0; press <= show.takes(place); press += 1) {
      await onPress(place, press);
      await report("share", String((place + press / (show.takes(place) + 1)) / talk.scenes.length));
    }
    onScene(place);
  }
}

const report = (path, body) => fetch(`/${path}`, { method: "POST", body });
const failed = (error) => report("failed", String(error));

// The walk of a rehearsal: how long each change takes, and what is wrong with each scene.
async function rehearsal() {
  const show = new Show();
  const frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const scenes = [];
  let slowest = 0;
  await pause(60);
  await walk(show, {
    async onPress(place, press) {
      if (place || press) {
        const begun = performance.now();
        show.on();
        await frames();
        slowest = Math.max(slowest, performance.now() - begun);
      }
      await pause(60); // as long as the next scene takes to be drawn
    },
    onScene(place) {
      const problems = flaws(show.frame.scenes.get(place).section);
      scenes.push({ scene: place + 1, presses: show.takes(place), slowest, problems });
      slowest = 0;
    },
  });
  await report("end", JSON.stringify(scenes));
}

// Each scene, whole, as an SVG.
async function drawn() {
  const show = new Show();
  const scenes = [];
  await pause(60);
  for (let place = 0; place < talk.scenes.length; place += 1) {
    show.to(place, LAST_PRESS);
    await pause(SETTLED);
    scenes.push(asSvg(show.frame.scenes.get(place).section));
    await report("share", String((place + 1) / talk.scenes.length));
  }
  await report("end", JSON.stringify(scenes));
}

// A film of the whole talk, as the room would see it; each press stands for a moment.
async function filmed() {
  const show = new Show();
  Object.assign(show.box.style, { inset: "auto", width: `${STAGE.width}px`, height: `${STAGE.height}px` });
  const video = { frameRate: FILM_FRAMES, width: 2 * STAGE.width, height: 2 * STAGE.height };
  const stream = await navigator.mediaDevices.getDisplayMedia({ video, preferCurrentTab: true });
  await stream.getVideoTracks()[0].cropTo(await CropTarget.fromElement(show.box)); // bars of the browser move the page
  const recorder = new MediaRecorder(stream, { mimeType: "video/webm" });
  const pieces = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.start();
  await walk(show, {
    async onPress(place, press) {
      if (place || press) show.on();
      await pause(FILM_STOP);
    },
  });
  await new Promise((resolve) => {
    recorder.onstop = resolve;
    recorder.stop();
  });
  await report("end", new Blob(pieces));
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Type that is too small for the last row, and what runs over the edge.
function flaws(section) {
  const scale = section.getBoundingClientRect().width / section.offsetWidth;
  const frame = section.getBoundingClientRect();
  const small = [];
  const over = [];
  const walk = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.shadowRoot) walk(each.shadowRoot);
      const own = [...each.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim());
      const box = each.getBoundingClientRect();
      const style = getComputedStyle(each);
      if (!own || !box.width || style.visibility === "hidden" || Number(style.opacity) === 0) continue;
      const drawn = each.ownerSVGElement ? each.getScreenCTM().a / scale : 1;
      const text = each.textContent.trim().slice(0, 30);
      const formula = each.closest("math, sub, sup"); // an index is smaller than its letter
      if (!formula && parseFloat(style.fontSize) * drawn < LEAST_TYPE - 0.5) small.push(text);
      if (box.right > frame.right + 1 || box.bottom > frame.bottom + 1 || box.left < frame.left - 1) over.push(text);
    }
  };
  walk(section);
  return [...(small.length ? [["small", small.slice(0, 3)]] : []), ...(over.length ? [["over", over.slice(0, 3)]] : [])];
}
