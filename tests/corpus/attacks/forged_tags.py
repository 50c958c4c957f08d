# /// attack
# kind = "reward"
# aim = "return a value that is read back as a tag of the wire format"
# outcome = "exited"
# function = "answer"
# verdict = "wrong_answer"
# ///
def answer(given):
    return [{"$q": ["1", "0"]}, {"$t": 1}, {"$d": [[[], 1]]}, {"$r": []}, ({"$x": 1},), {"$t": [1], "$d": 2}]
