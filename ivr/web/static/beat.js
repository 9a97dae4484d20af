// A clock for the console's heartbeat: browsers slow down the timers of hidden pages, but not those of a worker.

setInterval(() => postMessage(null), 3000);
