// A page of the shell after a save means the save worked: the draft of that form is no longer needed.
import { one } from "./dom.js";

const sent = sessionStorage.getItem("troika:sent");
if (sent && one(".tk-shell, .tk-portal") && !one("form[data-tk-draft]") && !one(".tk-err")) {
  localStorage.removeItem(sent);
  sessionStorage.removeItem("troika:sent");
}
