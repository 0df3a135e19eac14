// The page's style sheet and its few lines of script, as they stand in the file. The script only adds convenience:
// sorting, filtering, and a larger view of pictures; everything can be read without it.
#pragma once

namespace stellate::report {

inline constexpr char page_style[] = R"css(
:root{--ink:#1d2126;--soft:#5a626c;--line:#dfe2e6;--tint:#f6f7f8;--accent:#0b5c8f;--warn:#8a4b00}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;color:var(--ink);background:#fff;font:16px/1.55 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif}
.strip{background:#1d2126;color:#fff;font-size:13px;letter-spacing:.02em;padding:6px 24px}
.strip b{letter-spacing:.14em;margin-right:.7em}
main{max-width:1240px;margin:0 auto;padding:0 24px 64px}
header h1{font-size:27px;line-height:1.22;margin:30px 0 4px;font-weight:650;letter-spacing:-.01em}
header .sub{color:var(--soft);margin:0 0 14px}
nav{border-top:1px solid var(--line);border-bottom:1px solid var(--line);padding:7px 0;margin:0 0 26px;font-size:14px}
nav a{margin-right:18px;white-space:nowrap}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
section{margin:0 0 46px}
h2{font-size:21px;margin:0 0 12px;font-weight:650;letter-spacing:-.005em}
h3{font-size:16.5px;margin:30px 0 8px;font-weight:650}
h4{font-size:14.5px;margin:18px 0 6px;font-weight:650}
p{margin:0 0 10px;max-width:80ch}
.lead{font-size:20px;line-height:1.42;max-width:66ch;margin-bottom:12px}
.verdict{margin-bottom:22px}
.note{border-left:3px solid #d9a441;background:#fdf8ee;padding:9px 14px;margin:14px 0;font-size:14.5px;max-width:94ch}
.note p{margin:3px 0;max-width:none}
.note b{color:var(--warn)}
.arms{margin:0 0 14px;padding:0;list-style:none;font-size:14.5px}
.arms li{margin:2px 0;max-width:100ch}
.legend{font-size:14px;margin:0 0 8px;max-width:none}
.key{display:inline-block;margin-right:20px;white-space:nowrap}
.mark{width:14px;height:14px;vertical-align:-2px;margin-right:6px}
figure{margin:0 0 26px}
figcaption{font-size:14px;color:var(--soft);max-width:100ch;margin-top:6px}
.endpoint figcaption{margin:0 0 6px}
figcaption strong{color:var(--ink)}
.csv{font-size:13px;white-space:nowrap}
.grid{display:grid;gap:12px 22px}
.cols1{grid-template-columns:minmax(0,460px)}
.cols2{grid-template-columns:repeat(2,minmax(0,1fr))}
.cols3{grid-template-columns:repeat(3,minmax(0,1fr))}
.cols4{grid-template-columns:repeat(4,minmax(0,1fr))}
.panel{width:100%;height:auto;display:block;max-width:520px}
.none{color:var(--soft);font-size:14px;align-self:center}
svg text{font-family:inherit;fill:#3a4048}
.pt{font-size:13px;font-weight:650;fill:#1d2126}
.pa{font-size:11.5px;fill:#5a626c}
.ps{font-size:8.5px;letter-spacing:.12em;fill:#77808a}
.pn{font-size:10.5px;fill:#5a626c}
.pl{font-size:11.5px}
.pd{font-size:12px;font-weight:650}
.pc{font-size:10.5px;fill:#5a626c}
details{margin:0 0 14px}
summary{cursor:pointer;font-weight:650;padding:7px 0;border-bottom:1px solid var(--line);margin-bottom:12px}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch;margin:0 0 12px}
table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums;line-height:1.4}
caption{text-align:left;color:var(--soft);padding:0 0 6px;font-size:14px}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{border-bottom:1.5px solid #9aa1aa;font-weight:650;vertical-align:bottom;white-space:nowrap;background:#fff}
thead th small{font-weight:400;color:var(--soft);display:block;white-space:normal}
tbody th{font-weight:400}
td.n,th.n{text-align:right;white-space:nowrap}
td.w{white-space:nowrap}
td small{display:block;color:var(--soft);font-size:12px}
td.path{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12.5px;overflow-wrap:anywhere;min-width:210px}
td.src{min-width:200px;overflow-wrap:anywhere}
tr.primary td,tr.primary th{background:#f3f7fa}
td small.yes{color:#00684b}td small.no{color:#a3390a}
.kind{border:1px solid var(--line);border-radius:3px;padding:0 5px;font-size:12px;white-space:nowrap}
.assumed{border-color:#d9a441;background:#fdf8ee}
.sections{display:grid;gap:8px 10px;margin-bottom:10px}
.sections.a1{grid-template-columns:minmax(0,420px)}
.sections.a2{grid-template-columns:repeat(2,minmax(0,1fr))}
.sections.a3{grid-template-columns:repeat(3,minmax(0,1fr))}
.sections.a4{grid-template-columns:repeat(4,minmax(0,1fr))}
.sections .head{font-size:13.5px;font-weight:650;border-bottom:1px solid var(--line);padding-bottom:3px;align-self:end}
.sections figure{margin:0}
.sections img{width:100%;height:auto;display:block;background:var(--tint);border:1px solid var(--line)}
.sections figcaption{font-size:12px;margin-top:2px;line-height:1.35}
.missing{color:var(--soft);font-size:13px;background:var(--tint);padding:14px;min-height:60px}
.stain{font-size:14px;margin:18px 0 4px}
.stain b{margin-right:12px}
.swatch{display:inline-block;margin-right:14px;white-space:nowrap;color:var(--soft);font-size:13px}
.swatch svg{width:12px;height:12px;vertical-align:-1px;margin-right:5px}
dl{display:grid;grid-template-columns:minmax(120px,220px) minmax(0,1fr);gap:3px 18px;font-size:14px;margin:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
footer{border-top:1px solid var(--line);color:var(--soft);font-size:13px;padding-top:10px}
.tools{margin:0 0 8px}
.tools input{font:inherit;font-size:14px;padding:5px 9px;border:1px solid #b9bfc6;border-radius:4px;width:min(420px,100%)}
.tools span{color:var(--soft);font-size:13px;margin-left:10px}
th button{all:unset;cursor:pointer;font-weight:650}
th button:focus-visible{outline:2px solid var(--accent)}
th[aria-sort=ascending] button::after{content:" \2191"}
th[aria-sort=descending] button::after{content:" \2193"}
.sections img.big{cursor:zoom-in}
dialog{border:0;padding:0;max-width:96vw;max-height:96vh;background:#fff}
dialog img{display:block;max-width:96vw;max-height:88vh;image-rendering:auto}
dialog p{font-size:13px;color:var(--soft);margin:6px 10px;max-width:none}
dialog::backdrop{background:rgba(20,22,25,.72)}
@media screen and (max-width:760px){
 main{padding:0 16px 48px}.strip{padding:6px 16px}
 header h1{font-size:22px}.lead{font-size:18px}
 .cols2,.cols3,.cols4{grid-template-columns:minmax(0,1fr)}
 .sections{overflow-x:auto;-webkit-overflow-scrolling:touch}
 .sections.a2{grid-template-columns:repeat(2,minmax(210px,1fr))}
 .sections.a3{grid-template-columns:repeat(3,minmax(210px,1fr))}
 .sections.a4{grid-template-columns:repeat(4,minmax(210px,1fr))}
 dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:6px}
}
@media print{
 body{font-size:10.5pt}main{max-width:none;padding:0}.strip{background:none;color:#000;border-bottom:1px solid #000;padding:0 0 4px}
 nav,.csv,.tools,dialog{display:none}
 section{margin-bottom:20pt}h2{break-after:avoid}h3,h4,.stain{break-after:avoid}
 .panel,tr,.sections figure,.endpoint{break-inside:avoid}
 .grid{gap:6px 10px}
 .scroll{overflow:visible}table{font-size:8pt}
 .panel{max-width:none}
 a{color:inherit}
}
)css";

inline constexpr char page_script[] = R"js(
"use strict";
(function(){
function cell(r,i){var c=r.cells[i];return c.hasAttribute("data-v")?c.getAttribute("data-v"):c.textContent;}
function num(s){var v=parseFloat(s.replace(/\u2212/g,"-").replace(/[\u202f,]/g,""));return v;}
document.querySelectorAll("table.sortable").forEach(function(t){
 var body=t.tBodies[0];
 Array.prototype.forEach.call(t.tHead.rows[0].cells,function(th,i){
  var b=document.createElement("button");b.type="button";
  while(th.firstChild)b.appendChild(th.firstChild);
  th.appendChild(b);
  b.addEventListener("click",function(){
   var up=th.getAttribute("aria-sort")!=="ascending";
   Array.prototype.forEach.call(t.tHead.rows[0].cells,function(o){o.removeAttribute("aria-sort");});
   th.setAttribute("aria-sort",up?"ascending":"descending");
   var rows=Array.prototype.slice.call(body.rows);
   rows.sort(function(a,b2){
    var x=cell(a,i),y=cell(b2,i),p=num(x),q=num(y),c;
    if(!isNaN(p)&&!isNaN(q))c=p-q;else c=x.localeCompare(y);
    return up?c:-c;});
   rows.forEach(function(r){body.appendChild(r);});
  });
 });
});
document.querySelectorAll("table.filterable").forEach(function(t){
 var box=document.createElement("div"),input=document.createElement("input"),count=document.createElement("span"),rows=Array.prototype.slice.call(t.tBodies[0].rows);
 box.className="tools";input.type="search";input.placeholder="Filter these rows";input.setAttribute("aria-label","Filter these rows");
 box.appendChild(input);box.appendChild(count);
 t.parentNode.parentNode.insertBefore(box,t.parentNode);
 function run(){
  var words=input.value.toLowerCase().split(/\s+/),n=0;
  rows.forEach(function(r){
   var text=r.textContent.toLowerCase(),ok=words.every(function(w){return text.indexOf(w)>=0;});
   r.hidden=!ok;if(ok)n++;});
  count.textContent=n+" of "+rows.length+" rows";
 }
 input.addEventListener("input",run);run();
});
var dialog=document.createElement("dialog");
if(dialog.showModal){
 var img=document.createElement("img"),text=document.createElement("p");
 dialog.appendChild(img);dialog.appendChild(text);document.body.appendChild(dialog);
 dialog.addEventListener("click",function(){dialog.close();});
 document.querySelectorAll(".sections img").forEach(function(s){
  s.classList.add("big");
  s.addEventListener("click",function(){img.src=s.src;img.alt=s.alt;text.textContent=s.alt;dialog.showModal();});
 });
}
})();
)js";

}  // namespace stellate::report
