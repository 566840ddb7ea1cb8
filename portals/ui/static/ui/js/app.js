// The behaviour every page shares. Each module watches the document, so fragments swapped in by htmx work without wiring.
import "./overlay.js";
import "./preferences.js";
import "./palette.js";
import "./forms.js";
import "./files.js";
import "./combo.js";
import "./toast.js";
import "./drafts.js";
