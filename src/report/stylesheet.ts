import { paletteProperties } from './palette.ts';

/** Shades of a heat table: mixing with the paper keeps ink readable in both schemes. */
const HEAT_RULES = Array.from(
  { length: 11 },
  (_, step) => `.shade-${step}{--share:${Math.round(step * 6.2)}%}`,
).join('');

/** The page's only style sheet; its hash stands in the Content-Security-Policy. */
export const STYLESHEET = `:root{color-scheme:light;${paletteProperties('light')}--on-colour:#ffffff;--radius:14px;--shadow:0 1px 2px rgb(40 30 20/.05),0 8px 24px rgb(40 30 20/.04)}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${paletteProperties('dark')}--on-colour:#14110f;--shadow:none}}
:root[data-theme=dark]{color-scheme:dark;${paletteProperties('dark')}--on-colour:#14110f;--shadow:none}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main,.top,.foot{width:100%;max-width:1200px;margin:0 auto;padding:0 32px}
[hidden]{display:none!important}
a{color:inherit;text-underline-offset:3px;text-decoration-color:var(--muted)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
h1,h2,h3,h4,p,ul,ol,dl,dd,figure,blockquote{margin:0}
ul,ol{padding:0}
h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;font-weight:700}
h2{font-size:24px;line-height:1.2;letter-spacing:-.015em;font-weight:680}
h3{font-size:17px;font-weight:650;margin:36px 0 12px}
h4{font-size:14px;font-weight:650;margin-bottom:10px}
code{font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;word-break:break-all}
.skip{position:absolute;left:-9999px}
.skip:focus{left:16px;top:12px;background:var(--paper);padding:8px 14px;z-index:2}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.top{display:flex;justify-content:space-between;align-items:center;gap:16px;padding-top:20px;padding-bottom:20px}
.top nav{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:14px}
.top nav a{color:var(--muted);text-decoration:none;padding:4px 0}
.top nav a:hover{color:var(--ink);text-decoration:underline}
button{flex:none;white-space:nowrap}
button,select{font:inherit;font-size:14px;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:999px;padding:6px 16px;cursor:pointer}
select{border-radius:8px;padding:6px 10px;flex:0 1 auto;min-width:0;text-overflow:ellipsis}
.masthead{padding:28px 0 24px}
.brand{display:flex;align-items:center;gap:8px;color:var(--accent);font-weight:650;margin-bottom:14px}
.brand span{color:var(--muted);font-weight:450}
.facts{color:var(--muted);margin-top:12px;display:flex;flex-wrap:wrap;gap:2px 22px}
.notices{display:grid;gap:10px}
.notice{border-radius:10px;padding:12px 16px;border:1px solid var(--line);background:var(--paper)}
.notice ul{padding-left:20px;margin-top:6px}
.notice.ok{border-left:4px solid var(--good)}
.notice.info{border-left:4px solid var(--muted)}
.notice.warn{background:var(--warn);border-color:var(--warn-line);border-left-width:4px}
.notice.bad{background:var(--bad);border:2px solid var(--bad-line);padding:20px 22px;font-size:17px}
.notice.bad strong{font-size:21px;display:block}
section{padding-top:64px}
.lead{color:var(--muted);max-width:820px;margin:8px 0 22px}
.lead strong,.lead em{color:var(--ink)}
.card{background:var(--paper);border:1px solid var(--line);border-radius:var(--radius);box-shadow:var(--shadow)}
figure.card{padding:22px}
figcaption{color:var(--muted);font-size:13px;margin-top:14px}
.chart{display:block;max-width:100%;height:auto;font-family:inherit;overflow:visible;margin:0 auto}
.chart text{white-space:pre}
.narrow-only{display:none}
.fine{color:var(--muted);font-size:12px;font-weight:400}
.plane{display:grid;grid-template-columns:minmax(0,644px) minmax(0,1fr);gap:20px;align-items:start}
.key{list-style:none;display:grid;gap:10px}
.plane.many{grid-template-columns:minmax(0,1fr)}
.plane.many .key{grid-template-columns:repeat(auto-fill,minmax(280px,1fr))}
.key .card{padding:11px 18px 12px}
.key dl{display:grid;grid-template-columns:1fr 1fr;gap:16px;margin-top:6px}
.key dt{font-size:12px;color:var(--muted)}
.key dd{display:flex;flex-direction:column;gap:3px}
.key .value{font-size:20px;font-weight:650;line-height:1.2;letter-spacing:-.01em}
.key .undefined .value,.key .bounded .value{font-size:15px}
.who{display:flex;align-items:center;gap:9px;font-weight:650}
.who bdi{min-width:0}
.badge{flex:none}
.mini{display:block}
.mini .track{stroke:var(--line);stroke-width:2;stroke-linecap:round}
.mini .interval{stroke:var(--muted);stroke-width:3;stroke-linecap:round}
.mini .bounds{stroke:var(--muted);stroke-width:7;opacity:.45}
.mini circle{fill:var(--ink)}
.off-plane{margin-top:20px}
.off-plane h3{margin-top:0}
.off-plane ul{list-style:none;display:grid;gap:8px}
.off-plane .badge{vertical-align:-6px;margin-right:8px}
.scroll{overflow-x:auto;position:relative}
.scroll.card+.scroll.card,.scroll.card+details{margin-top:1rem}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;font-weight:650;padding:16px 18px 4px}
th,td{text-align:left;vertical-align:top;padding:12px 12px;border-top:1px solid var(--line);font-weight:400}
thead th,thead td{border-top:0;overflow-wrap:break-word;font-weight:600;font-size:13px;vertical-align:bottom}
thead th .fine{display:block}
tbody th .fine{display:block;margin-top:2px}
th:first-child,td:first-child{padding-left:18px}
th:last-child,td:last-child{padding-right:18px}
.cell{display:flex;flex-direction:column;gap:3px}
.cell .value{font-weight:650;font-size:15px;white-space:nowrap}
.bounded .cell .value,.undefined .cell .value{font-weight:500;font-size:14px}
.undefined .cell .value{color:var(--muted);font-style:italic}
table.cards tbody th{min-width:212px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:6px 20px;margin-bottom:18px;font-size:13px}
.legend li,.stamp,.meanings dt{display:flex;align-items:center;gap:7px}
.swatch{flex:none}
.pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:20px;align-items:start}
.empty{color:var(--muted)}
.heat{width:calc(100% - 28px);margin:0 14px 14px;border-spacing:3px;border-collapse:separate}
.heat caption{padding:16px 4px 4px}
.heat th,.heat td{padding:4px 6px;height:40px;font-size:13px;text-align:center;vertical-align:middle;border:0;min-width:46px}
.heat thead td{min-width:0}
.heat tbody th{text-align:left;white-space:nowrap;padding:4px;min-width:0;width:1%}
.heat td{border-radius:8px;line-height:1.25;white-space:nowrap}
.heat td .fine{display:block;font-size:10.5px;color:inherit}
.heat-harm{--hue:var(--v-harmful)}
.heat-refusal{--hue:var(--v-refused_output)}
.heat-caught{--hue:var(--v-harmless)}
.sample{--hue:var(--v-harmful);display:inline-block;width:22px;height:14px;border-radius:4px;vertical-align:-2px}
[class^=shade-],.sample{background-color:color-mix(in srgb,var(--hue) var(--share,0%),var(--paper))}
.few{background-color:color-mix(in srgb,var(--hue) calc(var(--share)*.5),var(--paper))!important;outline:1.5px dashed color-mix(in srgb,var(--muted) 55%,var(--paper));outline-offset:-1.5px}
${HEAT_RULES}
.hatch{background:repeating-linear-gradient(135deg,var(--line) 0 2px,transparent 2px 7px)}
.tag{display:inline-block;padding:0 8px;border-radius:6px;font-size:13px;color:var(--ink)}
.tag.hollow{box-shadow:inset 0 0 0 1.5px var(--muted)}
.tag.none{border:1px dashed var(--muted);color:var(--muted);padding:0 7px}
details.card{padding:14px 20px;margin-bottom:10px}
summary{cursor:pointer}
details.card .chart{width:100%;max-width:500px;margin:0}
details.card>summary .who{display:inline-flex;vertical-align:middle}
details.card[open]>summary{margin-bottom:16px}
.filter{display:flex;flex-wrap:wrap;align-items:center;gap:10px 20px;margin-bottom:18px;font-size:14px}
.filter label{display:flex;align-items:center;gap:8px;max-width:100%}
.gallery{list-style:none;display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:16px}
.shot{display:grid;grid-template-columns:112px minmax(0,1fr);align-content:start;overflow:hidden}
.picture{position:relative;align-self:start;padding:14px 0 14px 14px}
.picture img,.picture.none span{display:block}
.picture img{width:98px;height:98px;border-radius:8px;object-fit:cover;image-rendering:pixelated;background:var(--plot)}
.picture .kind{position:absolute;left:20px;top:88px;font-size:11px;line-height:1;padding:3px 6px;border-radius:5px;background:#14110f;color:#fff}
.picture.none>span{min-height:98px;border:1px dashed var(--muted);border-radius:8px;padding:8px;font-size:11.5px;line-height:1.35;color:var(--muted)}
.about{padding:14px 16px 14px;display:flex;flex-direction:column;gap:6px;min-width:0;font-size:13.5px;line-height:1.45}
.ids{font-weight:600}
.ids .fine{display:block}
.reasons{list-style:none;display:grid;gap:3px}
.scores{display:grid;gap:2px}
.scores div{display:flex;justify-content:space-between;gap:10px}
.scores dd{font-weight:600;white-space:nowrap}
.twins{list-style:none;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));gap:16px}
.twin{padding:14px 4px 4px}
.twin>.who{padding:0 14px;flex-wrap:wrap}
.halves{display:grid;grid-template-columns:repeat(2,minmax(0,1fr))}
.half .picture{padding-bottom:0}
.half .picture.none>span{max-width:130px}
.save{display:block;margin:12px 0 0 auto;font-size:12px;padding:3px 12px;color:var(--muted)}
.timeline{grid-column:1/-1;padding:0 16px 14px;margin:0}
.timeline figcaption{margin-top:6px;font-size:12px}
.strip{list-style:none;display:flex;flex-wrap:wrap;justify-content:space-between;gap:6px;margin-top:8px}
.strip img{display:block;width:42px;height:42px;border-radius:4px;image-rendering:pixelated;object-fit:cover}
.strip .fine{font-size:10px}
.prompt summary{font-size:13px;color:var(--muted);text-decoration:underline;text-underline-offset:3px;text-decoration-color:var(--line);list-style-position:inside}
.prompt blockquote{margin-top:6px;padding:8px 12px;background:var(--plot);border-radius:8px;white-space:pre-wrap;max-height:220px;overflow:auto}
.matrix td,.matrix th{padding:7px 12px}
.matrix th:first-child{padding-left:18px}
.tick{color:var(--good)}
.facts-list{padding:10px 20px}
.facts-list div{display:grid;grid-template-columns:minmax(110px,38%) minmax(0,1fr);gap:14px;padding:8px 0;border-top:1px solid var(--line)}
.facts-list div:first-child{border-top:0}
.facts-list dt{color:var(--muted)}
.prose{max-width:none}
ul.prose{padding-left:20px;max-width:80ch;display:grid;gap:6px}
.prose dl{display:grid;gap:18px}
.prose dt{font-weight:650}
.prose dd{color:var(--muted)}
#meaning h2{margin-bottom:18px}
.meanings{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:14px 28px}
.meanings dt{font-weight:600}
.meanings dd{color:var(--muted);font-size:14px;padding-left:19px}
.headline{padding:24px;display:flex;flex-wrap:wrap;gap:10px 26px;align-items:center;margin-top:16px}
.big{font-size:44px;font-weight:700;letter-spacing:-.02em;line-height:1}
.foot{padding-top:56px;padding-bottom:48px;color:var(--muted);font-size:13px}
@media screen and (max-width:1000px){.plane,.pair{grid-template-columns:minmax(0,1fr)}.key{grid-template-columns:repeat(auto-fill,minmax(280px,1fr))}}
@media screen and (max-width:760px){
main,.top,.foot{padding-left:16px;padding-right:16px}
.top{align-items:flex-start}
h1{font-size:27px}
h2{font-size:21px}
section{padding-top:48px}
.wide-only{display:none}
.narrow-only{display:block}
figure.card{padding:16px 12px}
.key{grid-template-columns:minmax(0,1fr)}
details.card{padding:12px}
.heat{width:calc(100% - 16px);margin:0 8px 10px;border-spacing:2px}
.heat th,.heat td{min-width:34px;padding:3px 1px;font-size:12px}
.heat td .fine{font-size:9.5px}
.heat tbody th{white-space:normal;width:auto;line-height:1.25;overflow-wrap:normal}
table.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.cards,table.cards tbody,table.cards th,table.cards td{display:block;min-width:0}
table.cards tr{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:12px 16px;padding:16px;border-top:1px solid var(--line)}
table.cards tbody th{grid-column:1/-1}
table.cards tr:first-child{border-top:0}
table.cards th,table.cards td,table.cards th:first-child,table.cards td:last-child{padding:0;border:0}
table.cards td::before{content:attr(data-label);display:block;color:var(--muted);font-size:12px;margin-bottom:2px}
.gallery{grid-template-columns:minmax(0,1fr)}
.facts-list{padding:8px 16px}
}
@media print{
:root,:root[data-theme=dark],:root:not([data-theme=light]){color-scheme:light;${paletteProperties('light')}--on-colour:#ffffff;--page:#ffffff;--shadow:none}
@page{margin:11mm}
body{zoom:.62}
main,.top,.foot{max-width:none;padding:0}
.top,.filter,.skip,.save{display:none!important}
section{padding-top:28px}
.card,.shot,.twin,tr,.key li{break-inside:avoid}
.card{box-shadow:none}
h2,h3{break-after:avoid}
.scroll{overflow:visible}
.scroll.card,.gallery,.twins{break-inside:auto}
.gallery{grid-template-columns:repeat(3,minmax(0,1fr))}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;
