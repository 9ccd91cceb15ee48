/** Set by `--use SMALL=1`, for a core that has to be small (asconfig.json, target adapt). Never imported: asc itself knows its flags. */
declare const SMALL: i32;
