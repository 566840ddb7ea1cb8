// Charts by ECharts: <div class="tk-echart" data-tk-chart="id"> beside {{ data|json_script:"id" }}, and the numbers in a table.
// Data: {"labels": […], "series": [{"name", "values", "kind": "bar"|"line", "target": true, "connect": true}], "unit": "…"}. Colours follow the theme.
import { all } from "./dom.js";

// A target line is amber: where there is one, no other series is.
const COLOURS = ["--tk-c1", "--tk-c2", "--tk-c3", "--tk-c4", "--tk-c5", "--tk-c6"];
const TARGET = "--tk-c2";
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function series(one, index, everyone) {
  const free = everyone.some((each) => each.target) ? COLOURS.filter((name) => name !== TARGET) : COLOURS;
  const colour = css(one.target ? TARGET : free[index % free.length]);
  if (one.kind === "line" || one.target) {
    return { name: one.name, type: "line", data: one.values, symbolSize: one.target ? 0 : 6, smooth: false, connectNulls: Boolean(one.connect), color: colour, lineStyle: { width: one.target ? 1.5 : 2, type: one.target ? "dashed" : "solid" } };
  }
  // a curve would run through the figures of the bars: then they stand in the table alone
  const crossed = everyone.some((each) => each.kind === "line" && !each.target);
  return { name: one.name, type: "bar", data: one.values, stack: one.stack, color: colour, barMaxWidth: 28, label: { show: !one.stack && !crossed && one.values.length <= 12, position: "top", color: css("--tk-ink"), fontSize: 12, formatter: (point) => Number(point.value).toLocaleString() } };
}

function option(data) {
  const quiet = css("--tk-text-2");
  return {
    animation: false, textStyle: { fontFamily: css("--tk-font") }, grid: { left: 8, right: 12, top: data.series.length > 1 ? 48 : 28, bottom: 4, containLabel: true },
    legend: data.series.length > 1 ? { top: 0, right: 0, icon: "roundRect", itemWidth: 10, itemHeight: 8, textStyle: { color: quiet, fontSize: 12 } } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "category", data: data.labels, axisLabel: { color: quiet, fontSize: 12 }, axisTick: { show: false }, axisLine: { lineStyle: { color: css("--tk-line-strong") } } },
    yAxis: { type: "value", axisLabel: { color: quiet, fontSize: 12 }, splitLine: { lineStyle: { color: css("--tk-line") } } },
    series: data.series.map(series),
  };
}

function draw(box) {
  const data = JSON.parse(document.getElementById(box.dataset.tkChart).textContent);
  const chart = window.echarts.getInstanceByDom(box) || window.echarts.init(box, null, { renderer: "svg" });
  chart.setOption(option(data), true);
  new ResizeObserver(() => chart.resize()).observe(box);
}

const paint = () => all("[data-tk-chart]").forEach(draw);
paint();
new MutationObserver(paint).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
