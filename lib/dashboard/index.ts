/* Runs in a browser */
export { type ExportHtmlOptions, exportHtml } from './export-html.js';
export { type Dashboard, type DashboardOptions, startDashboard } from './start-dashboard.js';
