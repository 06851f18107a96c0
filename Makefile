# Every target is one task of setup.sh, which also works on a machine without make.
# Options: make run ARGS="--simulate 40"
.PHONY: run test check docs lock bench install deepface train
run test check docs lock bench install deepface train:
	@sh setup.sh $@ $(ARGS)
