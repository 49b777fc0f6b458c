/* The one script of every page: each module looks after one thing and finds its work in data attributes. */
import { startLive } from "./live.js";
import { startKeys } from "./keys.js";
import { startPalette } from "./palette.js";
import { startToasts } from "./toasts.js";
import { startOnce } from "./once.js";
import { startDialogs } from "./dialogs.js";
import { startComposer } from "./composer.js";
import { startChat } from "./chat.js";
import { startTips } from "./tips.js";
import { startProgress } from "./progress.js";
import { startFiles } from "./files.js";
import { startTabs } from "./tabs.js";
import { startEvidence } from "./evidence.js";

startToasts();
startOnce();
startProgress();
startDialogs();
startComposer();
startChat();
startTips();
startFiles();
startEvidence();
startTabs();
startKeys();
startPalette();
startLive();
