"""A sample: fit a line by gradient descent and let Foundations keep the record."""

import math

import foundations

params = {"depth": 1, "epochs": 20, "batch_size": 10, "learning_rate": 0.3}
params.update(foundations.load_parameters(log_parameters=False))  # those of `submit`, if any
foundations.log_params(params)

epochs, batch_size = int(params["epochs"]), int(params["batch_size"])
rate = params["learning_rate"]

# A hundred points that wave around the line y = 2x + 1.
points = [(n / 100, 2 * n / 100 + 1 + 0.05 * math.sin(37 * n)) for n in range(100)]
batches = [
    points[start :: len(points) // batch_size] for start in range(len(points) // batch_size)
]

slope, offset = 0.0, 0.0
for epoch in range(epochs):
    for batch in batches:
        errors = [(slope * x + offset - y, x) for x, y in batch]
        slope -= rate * 2 * sum(error * x for error, x in errors) / len(batch)
        offset -= rate * 2 * sum(error for error, _ in errors) / len(batch)

    distances = [abs(slope * x + offset - y) for x, y in points]
    loss = sum(distance * distance for distance in distances) / len(points)
    accuracy = sum(distance < 0.1 for distance in distances) / len(points)
    foundations.log_metric("loss", loss)
    foundations.log_metric("accuracy", accuracy)
    print(f"epoch {epoch + 1}: loss {loss:.4f}, accuracy {accuracy:.2f}")

print(f"found y = {slope:.2f} x + {offset:.2f}")
foundations.save_artifact("README.txt", "Project_README")
