import { serve } from "rvml/pool";

serve();
