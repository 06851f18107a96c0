# Every target is one task of setup.sh, which also works on a machine without make.
# Options: make run ARGS="--simulate 40"
.PHONY: run test check prove docs lock bench install deepface train train-tests
run test check prove docs lock bench install deepface train train-tests:
	@sh setup.sh $@ $(ARGS)
