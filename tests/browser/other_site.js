// What a web site tries against a page that is not its own; returns what it has read, and what it saw being loaded.
async ([target, files, seconds]) => {
  const read = [], loaded = [];
  const paths = ["", "?view=api", "config", "theme.css", "gradio_api/info", "gradio_api/openapi.json",
    "gradio_api/app_id", "gradio_api/startup-events", "gradio_api/heartbeat/x", "gradio_api/upload_progress?upload_id=x",
    "gradio_api/queue/data?session_hash=x", "static/js/iframeResizer.contentWindow.min.js",
    ...files.flatMap(file => ["gradio_api/file=" + file, "gradio_api/file/" + file])];
  const soon = attempt => Promise.race([attempt, new Promise(end => setTimeout(end, 1000 * seconds))]);
  let tries = [];
  const all = async () => { await Promise.all(tries); tries = []; };  // a browser has few connections: one kind after the other
  const attempt = (name, what) => tries.push(soon((async () => {
    try {
      const found = await what();
      if (found) read.push([name, found]);
    } catch (error) { /* refused by the browser */ }
  })()));
  addEventListener("message", event => read.push(["message", JSON.stringify(event.data) ?? ""]));

  // Requests of scripts
  const question = JSON.stringify({data: ["red wine", null, null, 12, 1, 1, 1, null, "cosine", [], null, null]});
  const join = JSON.stringify({data: JSON.parse(question).data, fn_index: 0, session_hash: "x"});
  const photo = () => { const form = new FormData(); form.append("files", new Blob(["sent by another site"]), "a.png"); return form; };
  for (const credentials of ["include", "omit", "same-origin"]) {
    for (const mode of ["cors", "no-cors", "same-origin"]) {
      const ask = (path, more) => async () => {
        const answer = await fetch(target + path, {credentials, mode, ...more});
        return await answer.text();
      };
      for (const path of paths) attempt(`fetch ${mode} ${path}`, ask(path));
      for (const kind of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
        const more = {method: "POST", headers: {"content-type": kind}};
        attempt(`post ${kind}`, ask("gradio_api/call/search", {...more, body: question}));
        attempt(`join ${kind}`, ask("gradio_api/queue/join", {...more, body: join}));
      }
      attempt("upload", ask("gradio_api/upload", {method: "POST", body: photo()}));
    }
  }
  navigator.sendBeacon(target + "gradio_api/upload", photo());
  navigator.sendBeacon(target + "gradio_api/queue/join", new Blob([join], {type: "text/plain"}));
  try { navigator.sendBeacon(target + "gradio_api/queue/join", new Blob([join], {type: "application/json"})); } catch (error) {}
  for (const path of ["gradio_api/queue/data?session_hash=x", "gradio_api/heartbeat/x"]) {
    for (const withCredentials of [true, false]) {
      attempt("event stream", () => new Promise(end => {
        const stream = new EventSource(target + path, {withCredentials});
        stream.onopen = () => loaded.push(["event stream", path]);
        stream.onmessage = event => end(event.data);
        stream.onerror = () => { stream.close(); end(""); };
      }));
    }
  }
  for (const path of ["", "gradio_api/queue/join", "gradio_api/queue/data"]) {
    const socket = new WebSocket(target.replace("http", "ws") + path);
    socket.onopen = () => loaded.push(["web socket", path]);
    socket.onmessage = event => read.push(["web socket", event.data]);
  }
  await all();

  // Elements that load from anywhere; a script that comes back could be read through what it defines
  const element = (tag, settings, shown = element => "") => attempt(tag, () => new Promise(end => {
    const made = Object.assign(document.createElement(tag), settings);
    const note = () => { loaded.push([tag, settings.src ?? settings.href ?? settings.data]); end(shown(made)); };
    for (const event of ["load", "loadedmetadata"]) made.addEventListener(event, note);
    made.addEventListener("error", () => end(""));
    document.body.append(made);
  }));
  const drawn = image => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").drawImage(image, 0, 0);
    return `${image.naturalWidth} pixels ${canvas.toDataURL()}`;
  };
  for (const path of paths) {
    const address = target + path;
    element("script", {src: address});
    element("script", {src: address, type: "module"});
    element("script", {src: address, crossOrigin: "use-credentials"});
    element("link", {rel: "stylesheet", href: address}, () => [...document.styleSheets].map(sheet => sheet.cssRules.length).join());
    if (path.includes("file")) {
      for (const crossOrigin of [null, "anonymous", "use-credentials"]) {
        element("img", {src: address, crossOrigin}, drawn);
        element("audio", {src: address, crossOrigin, preload: "metadata"}, sound => `${sound.duration} seconds`);
        element("video", {src: address, crossOrigin, preload: "metadata"}, film => `${film.duration} seconds`);
      }
    }
    attempt("module", async () => { loaded.push(["module", JSON.stringify(await import(address))]); });
  }
  await all();

  // Frames, windows and forms: they may open, but what is in them must stay closed
  const inside = other => {
    const seen = [];
    try { if (other.location.href === "about:blank") return ""; } catch (error) { /* not ours: it is loaded */ }
    for (const look of [() => other.document.documentElement.outerHTML, () => other.location.href, () => other.name,
      () => other.gradio_config, () => JSON.stringify(other.localStorage)]) {
      try { seen.push(look()); } catch (error) { /* another origin */ }
    }
    return seen.filter(text => text).join(" ");
  };
  const later = look => new Promise(end => setTimeout(() => end(look()), 2000));
  for (const path of ["", "config", ...paths.slice(-2)]) {
    const frame = document.createElement("iframe");
    frame.src = target + path;
    document.body.append(frame);
    frame.addEventListener("load", () => frame.contentWindow.postMessage("[iFrameSizer]x:8:false:true:32:true:true:null:body", "*"));
    attempt("frame", () => later(() => inside(frame.contentWindow)));
    const opened = window.open(target + path, "_blank", "width=200,height=200");
    if (opened) attempt("window", () => later(() => { const seen = inside(opened); opened.close(); return seen; }));
  }
  for (const [path, enctype] of [["gradio_api/upload", "multipart/form-data"], ["gradio_api/call/search", "text/plain"],
    ["gradio_api/queue/join", "text/plain"], ["login", "application/x-www-form-urlencoded"], ["logout", "multipart/form-data"]]) {
    const frame = document.createElement("iframe");
    frame.name = "answer" + Math.random();
    const form = Object.assign(document.createElement("form"), {action: target + path, method: "post", enctype, target: frame.name});
    const field = Object.assign(document.createElement("input"), {name: question, value: ""});
    const file = Object.assign(document.createElement("input"), {type: "file", name: "files"});
    const chosen = new DataTransfer();
    chosen.items.add(new File(["sent by another site"], "a.png"));
    file.files = chosen.files;
    form.append(field, file);
    document.body.append(frame, form);
    form.submit();
    attempt("form", () => later(() => inside(frame.contentWindow)));
  }
  await all();
  for (const entry of performance.getEntriesByType("resource")) {
    if (entry.name.startsWith(target) && entry.decodedBodySize > 0 && entry.initiatorType !== "iframe") read.push(["size of", entry.name]);
  }
  return {read, loaded};
}
