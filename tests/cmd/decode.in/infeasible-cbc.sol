Infeasible - objective value 5.22574667
