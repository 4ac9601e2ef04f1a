// File inputs show what was chosen, with pictures, sizes and a button to take each away; a photo may be pasted anywhere
// into their form. data-max-files and data-max-bytes on the input tell before sending what the server would refuse.
const words = document.getElementById("words")?.dataset ?? {};
const KB = 1024;

const size = (bytes) => (bytes < KB * KB ? `${Math.ceil(bytes / KB)} KB` : `${(bytes / KB / KB).toFixed(1)} MB`);
const isSame = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;

function setFiles(input, files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
}

function enhance(input) {
  if ("files" in input.dataset) return;
  input.dataset.files = "";
  let chosen = [...input.files];
  const list = document.createElement("ul");
  list.className = "file-list";
  const state = document.createElement("div");
  state.className = "form-text";
  state.setAttribute("role", "status");
  input.after(list, state);

  function draw() {
    for (const picture of list.querySelectorAll("img")) URL.revokeObjectURL(picture.src);
    list.replaceChildren(...chosen.map(row));
  }

  function row(file) {
    const item = document.createElement("li");
    if (/^image\/(jpeg|png|webp)$/.test(file.type)) {
      const picture = document.createElement("img");
      picture.alt = "";
      picture.src = URL.createObjectURL(file);
      item.append(picture);
    }
    const name = document.createElement("span");
    name.className = "name";
    name.textContent = file.name;
    const bytes = document.createElement("span");
    bytes.className = "size";
    bytes.textContent = size(file.size);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "btn";
    remove.textContent = words.fileRemove;
    remove.setAttribute("aria-label", `${words.fileRemove}: ${file.name}`);
    remove.addEventListener("click", () => {
      chosen = chosen.filter((other) => other !== file);
      setFiles(input, chosen);
      state.textContent = chosen.length ? "" : words.filesNone;
      draw();
      input.focus();
    });
    item.append(name, bytes, remove);
    return item;
  }

  function add(files) {
    const notes = [];
    const mostFiles = input.multiple ? Number(input.dataset.maxFiles || Infinity) : 1;
    const mostBytes = Number(input.dataset.maxBytes || Infinity);
    const known = input.multiple ? chosen : [];
    const fresh = files.filter((file) => !known.some((other) => isSame(other, file)));
    const fitting = fresh.filter((file) => file.size <= mostBytes);
    for (const file of fresh) if (file.size > mostBytes) notes.push(`${words.filesTooBig} ${file.name}`);
    chosen = [...known, ...fitting];
    if (chosen.length > mostFiles) notes.push(words.filesTooMany);
    chosen = chosen.slice(0, mostFiles);
    setFiles(input, chosen);
    state.textContent = notes.join(" ");
    draw();
  }

  // Choosing a second time adds; a bare file input would forget the first choice.
  input.addEventListener("change", () => add([...input.files]));
  input.form?.addEventListener("paste", (event) => {
    const pictures = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!pictures.length || input !== input.form.querySelector("input[type=file]")) return;
    event.preventDefault();
    const stamp = new Date().toTimeString().slice(0, 8).replaceAll(":", "");
    add(pictures.map((file, place) => {
      const ending = file.type.split("/")[1].replace("jpeg", "jpg");
      return new File([file], `${words.filePasted} ${stamp}-${place + 1}.${ending}`, { type: file.type });
    }));
  });
  if (chosen.length) draw();
}

const enhanceAll = (root) => root.querySelectorAll("input[type=file]").forEach(enhance);
enhanceAll(document);
document.addEventListener("htmx:afterSwap", (event) => enhanceAll(event.target));
