/** All that the page takes from the library: to ship a smaller entry, change this line. */
export { loadLearner } from "rvml";
